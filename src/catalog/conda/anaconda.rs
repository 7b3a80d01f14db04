//! Anaconda.
//!
//! Checksums: <https://repo.anaconda.com/archive/>, cross-checked with pyenv (`pyenv/pyenv`,
//! `plugins/python-build/share/python-build`), `anaconda/docker-images`, `spack/spack-packages` and
//! `easybuilders/easybuild-easyconfigs`. Sizes: Anaconda3-2025.12-2 is about 1.2 GB; its
//! documentation asks for 5 GB of disk to install.

use super::{Distribution, Version};

pub(super) const ANACONDA: Distribution = Distribution {
    name: "anaconda",
    about: "Anaconda: conda and several hundred packages for data science",
    title: "Anaconda",
    url: "https://repo.anaconda.com/archive/Anaconda3-{version}-Linux-{arch}.sh",
    mirror_path: "archive/Anaconda3-{version}-Linux-{arch}.sh",
    download_mb: 1200,
    has_terms: true,
    disk_mb: 6500,
    versions: &[
        Version {
            version: "2025.12-2",
            x86_64: "57b2b48cc5b8665e25fce7011f0389d47c1288288007844b3b1ba482d4f39029",
            aarch64: "be13a20f31d82508a061984fa3555369cfd8e4692643721415c19e7dc2e9e0f9",
        },
        Version {
            version: "2026.07-1",
            x86_64: "9f49042048e9a8220c1cddf9192054290724052d3b2a86f938f9f5edd911db8f",
            aarch64: "af2fd0025728a04408e0481d5668b92c53589cbfc66525a15119e6503742a04d",
        },
        Version {
            version: "2025.06-1",
            x86_64: "82976426a2c91fe1453281def386f9ebebd8fdb45dc6c970b54cfef4e9120857",
            aarch64: "98dfb82732991f3f4d385a265da5fd2190d65ec31ceafa0b93f3c5edf4431a5b",
        },
        Version {
            version: "2024.10-1",
            x86_64: "3ba0a298155c32fbfd80cbc238298560bf69a2df511783054adfc151b76d80d8",
            aarch64: "489c608e8bddd2cf29dfbdd811cf99087cd6b6a0615d41c6f9058ce340594b65",
        },
        Version {
            version: "2024.06-1",
            x86_64: "539bb43d9a52d758d0fdfa1b1b049920ec6f8c6d15ee9fe4a423355fe551a8f7",
            aarch64: "b4be0ad2052236882402902a31d32cd37635d3db194a42f977be0d68a8ff1a31",
        },
        Version {
            version: "2023.09-0",
            x86_64: "6c8a4abb36fbb711dc055b7049a23bbfd61d356de9468b41c5140f8a11abd851",
            aarch64: "69ee26361c1ec974199bce5c0369e3e9a71541de7979d2b9cfa4af556d1ae0ea",
        },
        Version {
            version: "2021.11",
            x86_64: "fedf9e340039557f7b5e8a8a86affa9d299f5e9820144bd7b92ae9f7ee08ac60",
            aarch64: "4daacb88fbd3a6c14e28cd3b37004ed4c2643e2b187302e927eb81a074e837bc",
        },
    ],
};
