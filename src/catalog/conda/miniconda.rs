//! Miniconda.
//!
//! Checksums: <https://repo.anaconda.com/miniconda/>, cross-checked with pyenv (`pyenv/pyenv`,
//! `plugins/python-build/share/python-build`), `anaconda/docker-images`, `NixOS/nixpkgs` and
//! `spack/spack-packages`. Size: Miniconda3-py313_25.7.0-2 has 162,129,736 bytes.

use super::{Distribution, Version};

pub(super) const MINICONDA: Distribution = Distribution {
    name: "miniconda",
    about: "Miniconda: conda alone, by the publisher of Anaconda",
    title: "Miniconda",
    url: "https://repo.anaconda.com/miniconda/Miniconda3-{version}-Linux-{arch}.sh",
    mirror_path: "miniconda/Miniconda3-{version}-Linux-{arch}.sh",
    download_mb: 165,
    has_terms: true,
    disk_mb: 1200,
    versions: &[
        Version {
            version: "py313_25.11.1-1",
            x86_64: "e0b10e050e8928e2eb9aad2c522ee3b5d31d30048b8a9997663a8a460d538cef",
            aarch64: "9f39cc8c46ca37afed5e563cc234b3add34fea2f1119e076dcae7a377ca6b8ee",
        },
        Version {
            version: "py313_26.7.1-1",
            x86_64: "c26cbbd996d5ada0bec054b49a37fab690e2f91125701e458df6cca73da9482b",
            aarch64: "669e8f11248e97473ff058d97eb02b6c8e67f6c853e230f7a88cce95303c9fce",
        },
        Version {
            version: "py314_26.5.3-1",
            x86_64: "42cfece170da342364a78d629e06b94dfd81b0f2717d7655729100d888d606b4",
            aarch64: "781abf4cec9b842f5ed508e7c364ed9951380ba11187b80fe5d9c3dbf9ffccea",
        },
        Version {
            version: "py313_26.5.3-1",
            x86_64: "7358a5961dc6a4941d087281cd70313728fcc68695735e18a337321bc31c7f51",
            aarch64: "4eaf1f2d83ede3ad010afa6ad19bef69893ca4667ba5996f51efb3080c08a70d",
        },
        Version {
            version: "py313_26.3.2-2",
            x86_64: "2284bafb7863a23411b19874d216e237964d4b32dd9beb6807fa8b2d84570961",
            aarch64: "81a5e828724478a7a036027a74356ceff0206147d3b1243c8ba32e0cfa187967",
        },
        Version {
            version: "py312_25.1.1-2",
            x86_64: "4766d85b5f7d235ce250e998ebb5a8a8210cbd4f2b0fea4d2177b3ed9ea87884",
            aarch64: "6d05b9f9b7f327b90797a4cf56d68c81578bab2f63257a3e7a8b72cb0f0e4b5d",
        },
    ],
};
