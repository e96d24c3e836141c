# SPDX-License-Identifier: Apache-2.0

"""The kernels that tests audit."""

# From the version, a directory of //kernels, to the flavours that have its object. VERSION.lock.json has their packages.
AUDITED = {
    "6.1": ["arm64", "cloud-arm64"],
    "6.12": ["arm64", "cloud-arm64"],
    "7.2": ["arm64", "cloud-arm64"],
}
