# SPDX-License-Identifier: Apache-2.0

"""What is unpacked from the packages of the browser."""

_HOST = "lib/x86_64-linux-gnu"
_USER = "usr/lib/x86_64-linux-gnu"

CHROMIUM_TREES = {
    "chromium-common": ["usr/lib/chromium"],
    "chromium-headless-shell": ["usr/lib/chromium"],
    "fonts-dejavu-core": ["usr/share/fonts/truetype/dejavu"],
} | {
    library: [_HOST]
    for library in [
        "libc6",
        "libcap2",
        "libdbus-1-3",
        "libexpat1",
        "libgcc-s1",
        "libgpg-error0",
        "liblzma5",
        "libselinux1",
        "zlib1g",
    ]
} | {
    library: [_USER]
    for library in [
        "libasound2",
        "libasyncns0",
        "libatk1.0-0",
        "libatspi2.0-0",
        "libblkid1",
        "libbrotli1",
        "libbsd0",
        "libdav1d6",
        "libdouble-conversion3",
        "libdrm2",
        "libffi8",
        "libflac12",
        "libfontconfig1",
        "libfreetype6",
        "libgbm1",
        "libgcrypt20",
        "libglib2.0-0",
        "libgraphite2-3",
        "libharfbuzz-subset0",
        "libharfbuzz0b",
        "libjpeg62-turbo",
        "liblz4-1",
        "libmd0",
        "libminizip1",
        "libmount1",
        "libmp3lame0",
        "libmpg123-0",
        "libnspr4",
        "libnss3",
        "libogg0",
        "libopenh264-7",
        "libopus0",
        "libpcre2-8-0",
        "libpng16-16",
        "libpulse0",
        "libsndfile1",
        "libstdc++6",
        "libsystemd0",
        "libudev1",
        "libvorbis0a",
        "libvorbisenc2",
        "libwayland-server0",
        "libx11-6",
        "libx11-xcb1",
        "libxau6",
        "libxcb1",
        "libxcomposite1",
        "libxdamage1",
        "libxdmcp6",
        "libxext6",
        "libxfixes3",
        "libxi6",
        "libxkbcommon0",
        "libxnvctrl0",
        "libxrandr2",
        "libxrender1",
        "libzstd1",
    ]
}

# The loader, next to the program: Chromium finds its data in the directory of the file that it was started from, which is the loader.
CHROMIUM_COPY = {
    "usr/lib/chromium/ld-linux-x86-64.so.2": "lib/x86_64-linux-gnu/ld-linux-x86-64.so.2",
}
