//! What is known of the machine that user-data is for.
//!
//! In: the name of an image or a version of cloud-init. Out: a [`Target`]. To know one more image: a
//! line of `IMAGES`.

use std::str::FromStr;

use crate::diagnostic::nearest;

/// Year and number of a release of cloud-init: `25.1`.
pub type Version = (u16, u16);

/// An image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Image {
    /// Its name in a call.
    pub name: &'static str,
    /// The family of distributions.
    pub family: Family,
    /// Its release, in the words that its package archive has for it.
    pub codename: &'static str,
    /// Its version, as numbers that can be compared.
    pub release: (u16, u16),
    /// Its cloud-init.
    pub cloud_init: Version,
    /// The account that it comes with.
    pub account: &'static str,
}

/// Distributions that are alike in what matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Ubuntu.
    Ubuntu,
    /// Debian.
    Debian,
    /// Amazon Linux, RHEL and what is made of it.
    RedHat,
}

/// Versions of cloud-init within images:
/// <https://packages.ubuntu.com/search?keywords=cloud-init>,
/// <https://packages.debian.org/search?keywords=cloud-init>,
/// <https://docs.aws.amazon.com/linux/al2023/release-notes/relnotes.html>
const IMAGES: &[Image] = &[
    image("ubuntu-20.04", Family::Ubuntu, "focal", (20, 4), (20, 1), "ubuntu"),
    image("ubuntu-22.04", Family::Ubuntu, "jammy", (22, 4), (22, 1), "ubuntu"),
    image("ubuntu-24.04", Family::Ubuntu, "noble", (24, 4), (24, 1), "ubuntu"),
    image("ubuntu-26.04", Family::Ubuntu, "resolute", (26, 4), (26, 1), "ubuntu"),
    image("debian-11", Family::Debian, "bullseye", (11, 0), (20, 4), "debian"),
    image("debian-12", Family::Debian, "bookworm", (12, 0), (22, 4), "debian"),
    image("debian-13", Family::Debian, "trixie", (13, 0), (25, 1), "debian"),
    image("amazon-linux-2", Family::RedHat, "", (2, 0), (19, 3), "ec2-user"),
    image("amazon-linux-2023", Family::RedHat, "", (2023, 0), (22, 2), "ec2-user"),
    image("rhel-9", Family::RedHat, "", (9, 0), (24, 4), "cloud-user"),
    image("rhel-10", Family::RedHat, "", (10, 0), (24, 4), "cloud-user"),
    image("fedora-43", Family::RedHat, "", (43, 0), (25, 2), "fedora"),
];

const fn image(
    name: &'static str,
    family: Family,
    codename: &'static str,
    release: (u16, u16),
    cloud_init: Version,
    account: &'static str,
) -> Image {
    Image { name, family, codename, release, cloud_init, account }
}

/// What is known of the machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    /// Its image.
    pub image: Option<Image>,
    /// Its cloud-init; that of its image without a word.
    pub cloud_init: Option<Version>,
    /// Does Multipass write the header, so that none is needed?
    pub multipass: bool,
}

/// A name or a version that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TargetError(String);

impl Target {
    /// The machine of an image; `multipass` is one of any release that needs no header.
    ///
    /// # Errors
    /// An image that is not known.
    pub fn of_image(name: &str) -> Result<Target, TargetError> {
        if name == "multipass" {
            return Ok(Target { multipass: true, ..Target::default() });
        }
        match IMAGES.iter().find(|image| image.name == name) {
            Some(image) => Ok(Target { image: Some(*image), ..Target::default() }),
            None => {
                let near = nearest(name, Target::images());
                let near = near.map(|near| format!("; did you mean {near}?")).unwrap_or_default();
                let all: Vec<&str> = Target::images().collect();
                let message =
                    format!("no image is called {name}{near} The images are {}", all.join(", "));
                Err(TargetError(message))
            }
        }
    }

    /// The names of images.
    pub fn images() -> impl Iterator<Item = &'static str> {
        IMAGES.iter().map(|image| image.name).chain(["multipass"])
    }

    /// The version of cloud-init, if it is known.
    pub fn version(&self) -> Option<Version> {
        self.cloud_init.or(self.image.map(|image| image.cloud_init))
    }

    /// Is its image of this family?
    pub fn is(&self, family: Family) -> bool {
        self.image.is_some_and(|image| image.family == family)
    }

    /// Is its image of this family, and of this release or a later one?
    pub fn is_from(&self, family: Family, release: (u16, u16)) -> bool {
        self.image.is_some_and(|image| image.family == family && image.release >= release)
    }
}

/// A version of cloud-init, as `25.1` or `25.1.4`.
///
/// # Errors
/// Anything else.
pub fn version(text: &str) -> Result<Version, TargetError> {
    let mut numbers = text.split(['.', '-', '~', '+']).map(u16::from_str);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(year)), Some(Ok(number))) => Ok((year, number)),
        _ => Err(TargetError(format!("`{text}` is no version of cloud-init, such as 25.1"))),
    }
}
