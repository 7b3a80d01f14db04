//! Miniforge.
//!
//! Checksums: the `.sha256` files of <https://github.com/conda-forge/miniforge/releases>,
//! cross-checked with pyenv (`pyenv/pyenv`, `plugins/python-build/share/python-build`),
//! `spack/spack-packages` and `easybuilders/easybuild-easyconfigs`.

use super::{Distribution, Version};

pub(super) const MINIFORGE: Distribution = Distribution {
    name: "miniforge",
    about: "Miniforge: conda alone, by the conda-forge community",
    title: "Miniforge",
    url: "https://github.com/conda-forge/miniforge/releases/download/{version}/Miniforge3-{version}-Linux-{arch}.sh",
    mirror_path: "miniforge/Miniforge3-{version}-Linux-{arch}.sh",
    download_mb: 100,
    has_terms: false,
    disk_mb: 1000,
    versions: &[
        Version {
            version: "26.1.1-3",
            x86_64: "b25b828b702df4dd2a6d24d4eb56cfa912471dd8e3342cde2c3d86fe3dc2d870",
            aarch64: "83280e4ee71a5bd547d6b318f96e9ababe1054911ff6cc2b8801ce5493fe67e5",
        },
        Version {
            version: "26.7.2-0",
            x86_64: "281b0ac7d550802efc81af633225a5e6116d29ae72f3ab4eae7168c3931a4c05",
            aarch64: "89b786c8d2c8b0fda7553914c1314ae4ddaa094503802f279377b19ac4463cb2",
        },
        Version {
            version: "26.3.2-3",
            x86_64: "848194851a98903134187fbb4ab50efe87b003e0c0f808f97644b7524a62bf2c",
            aarch64: "2c113a69297e612b01ca0f320c22a3107a11f2ab9b573d79ac868a175945ce29",
        },
        Version {
            version: "25.3.0-3",
            x86_64: "1b57f8cb991982063f79b56176881093abb1dc76d73fda32102afde60585b5a1",
            aarch64: "ac89f17b0eec4e98d38a53d1ae688e0f22c77d8ea5b5f008c2455e90ef095339",
        },
        Version {
            version: "24.7.1-2",
            x86_64: "636f7faca2d51ee42b4640ce160c751a46d57621ef4bf14378704c87c5db4fe3",
            aarch64: "7bf60bce50f57af7ea4500b45eeb401d9350011ab34c9c45f736647d8dba9021",
        },
    ],
};
