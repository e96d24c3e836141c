// SPDX-License-Identifier: Apache-2.0

package errcode

// Errors of hypcc and of the launcher of packaged programs: docs/errors/compiling.md.
const (
	// UnlistedInput says that the compiler read a file that is not an input.
	UnlistedInput Code = "E7002"
	// AssemblerMacro says that a file name of the assembler is made by a macro.
	AssemblerMacro Code = "E7004"
	// AssemblerFile says that a file of the assembler is not found.
	AssemblerFile Code = "E7005"
	// CompilerFailed says that the compiler cannot be run.
	CompilerFailed Code = "E7006"
	// HeaderPath says that a header has a path outside of the execution root.
	HeaderPath Code = "E7007"
	// ArchiveDamaged says that an archive of headers cannot be read.
	ArchiveDamaged Code = "E7008"
	// ArchiveUnpack says that headers of an archive cannot be unpacked.
	ArchiveUnpack Code = "E7009"
	// NoDependencyFile says that the compiler wrote no dependency file.
	NoDependencyFile Code = "E7010"
	// TreeDiffers says that the kernel tree is not the one that the BUILD file is for.
	TreeDiffers Code = "E7011"
	// HeaderUnlisted is a header that the compiler did not find.
	HeaderUnlisted Code = "E7012"
	// LauncherSettings says that the settings of a packaged program are malformed.
	LauncherSettings Code = "E7101"
	// ProgramFilesMissing says that files of a packaged program are missing.
	ProgramFilesMissing Code = "E7102"
	// ProgramNotStarted says that a packaged program cannot be started.
	ProgramNotStarted Code = "E7103"
)
