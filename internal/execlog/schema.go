// SPDX-License-Identifier: Apache-2.0

package execlog

// Wire types of protobuf.
const (
	varint = 0
	length = 2
)

// Tags: field number and wire type, by Bazel's src/main/protobuf/spawn.proto of 7.1
// to 8. What differs among these versions is noted.

// Messages of both formats.
const (
	digestHash     = 1<<3 | length
	digestSize     = 2<<3 | varint
	digestFunction = 3<<3 | length // empty in a compact log

	fileDigest = 2<<3 | length
	filePath   = 1<<3 | length
	fileTool   = 3<<3 | varint // of SpawnExec only, as the next
	fileTarget = 4<<3 | length

	varName  = 1<<3 | length // EnvironmentVariable and Platform.Property
	varValue = 2<<3 | length

	platformProperty = 1<<3 | length
)

// SpawnExec, the message of a binary log.
const (
	execArg             = 1<<3 | length
	execEnv             = 2<<3 | length
	execPlatform        = 3<<3 | length
	execInput           = 4<<3 | length
	execListed          = 5<<3 | length
	execRemotable       = 6<<3 | varint
	execCacheable       = 7<<3 | varint
	execTimeout         = 8<<3 | varint
	execProgress        = 9<<3 | length // progress_message, until 7.0
	execMnemonic        = 10<<3 | length
	execOutput          = 11<<3 | length
	execRunner          = 12<<3 | length
	execCacheHit        = 13<<3 | varint
	execStatus          = 14<<3 | length
	execExitCode        = 15<<3 | varint
	execRemoteCacheable = 16<<3 | varint
	execWalltime        = 17<<3 | length // until 7.0
	execLabel           = 18<<3 | length
	execDigest          = 19<<3 | length
	execMetrics         = 20<<3 | length
)

// ExecLogEntry, the message of a compact log.
const (
	entryID         = 1<<3 | varint
	entryInvocation = 2<<3 | length
	entryFile       = 3<<3 | length
	entryDirectory  = 4<<3 | length
	entrySymlink    = 5<<3 | length
	entryInputSet   = 6<<3 | length
	entrySpawn      = 7<<3 | length
	entryAction     = 8<<3 | length // since 7.4, as the next two
	entrySymlinks   = 9<<3 | length
	entryRunfiles   = 10<<3 | length // before, runfiles are directories

	invocationFunction  = 1<<3 | length
	invocationWorkspace = 2<<3 | length // since 7.4, as the next two
	invocationSibling   = 3<<3 | varint
	invocationID        = 4<<3 | length

	directoryPath = 1<<3 | length
	directoryFile = 2<<3 | length

	symlinkPath   = 1<<3 | length
	symlinkTarget = 2<<3 | length

	// Fields 1 to 3 until 7.3, field 5 since 7.4. All IDs are of one space.
	setFiles       = 1
	setDirectories = 2
	setSymlinks    = 3
	setTransitive  = 4
	setInputs      = 5

	symlinksEntry      = 1<<3 | length
	symlinksTransitive = 2
	symlinksKey        = 1<<3 | length
	symlinksValue      = 2<<3 | varint

	runfilesRoot         = 1<<3 | length
	runfilesInputs       = 2<<3 | varint
	runfilesSymlinks     = 3<<3 | varint
	runfilesRootSymlinks = 4<<3 | varint
	runfilesEmpty        = 5<<3 | length
	runfilesMapping      = 6<<3 | length
	runfilesLegacy       = 7<<3 | varint

	outputFile      = 1<<3 | varint // until 7.3, as the next two
	outputDirectory = 2<<3 | varint
	outputSymlink   = 3<<3 | varint
	outputInvalid   = 4<<3 | length
	outputID        = 5<<3 | varint // since 7.4

	spawnArg             = 1<<3 | length
	spawnEnv             = 2<<3 | length
	spawnPlatform        = 3<<3 | length
	spawnInputs          = 4<<3 | varint
	spawnTools           = 5<<3 | varint
	spawnOutput          = 6<<3 | length
	spawnLabel           = 7<<3 | length
	spawnMnemonic        = 8<<3 | length
	spawnExitCode        = 9<<3 | varint
	spawnStatus          = 10<<3 | length
	spawnRunner          = 11<<3 | length
	spawnCacheHit        = 12<<3 | varint
	spawnRemotable       = 13<<3 | varint
	spawnCacheable       = 14<<3 | varint
	spawnRemoteCacheable = 15<<3 | varint
	spawnDigest          = 16<<3 | length
	spawnTimeout         = 17<<3 | varint
	spawnMetrics         = 18<<3 | length

	actionInput    = 1<<3 | length
	actionOutput   = 2<<3 | length
	actionLabel    = 3<<3 | length
	actionMnemonic = 4<<3 | length
)
