//! Where user-data goes: what one cloud or tool wants, and how much it takes.
//!
//! In: a [`Payload`] and its [`Plan`]. Out: the files to hand over, as bytes, and what to tell the
//! person who hands them over; for the machines of a roster see [`Share`] and [`Gather`]. Nothing is
//! written here. To add a destination: a file with one constant, a `mod` line and an entry in `ALL`.

mod aws_cli;
mod aws_form;
mod aws_launch_template;
mod azure;
mod cloud_config;
mod cloudformation;
mod digitalocean;
mod gather;
mod gcp;
mod hetzner;
mod incus;
mod linode;
mod lxd;
mod mime;
mod multipass;
mod nocloud;
mod nocloud_iso;
mod oci;
mod openstack;
mod proxmox;
mod size;
mod terraform;
mod tfvars;
mod vmware;

use crate::catalog::Listed;
use crate::cloud_config::RenderError;
use crate::payload::{Bytes, Payload, sha256};
use crate::plan::Plan;
use crate::template::{TemplateError, Templates};

use gather::Together;

pub use aws_cli::machine_tag;
pub use aws_form::EC2;
pub use gather::{Gather, Member, Share};
pub use size::{Compress, Limit, TooLarge, Unit};

/// A cloud or a tool that takes user-data.
pub struct Destination {
    /// Its name on the command line.
    pub name: &'static str,
    /// One line for people: what comes out.
    pub about: &'static str,
    /// How much it takes.
    pub limit: Option<Limit>,
    /// May the payload be compressed?
    pub gzip: bool,
    /// May there be anything but one cloud-config?
    pub parts: bool,
    together: Option<Together>,
    emit: fn(&Delivery<'_>) -> Result<Emission, DestinationError>,
}

/// What a destination makes its files from.
struct Delivery<'a> {
    plan: &'a Plan,
    payload: &'a Payload,
    templates: &'a Templates,
    member: Option<Member<'a>>,
}

/// What a destination gives.
#[derive(Debug, Default)]
pub struct Emission {
    /// The files, the first one being what is printed when there is only one.
    pub artifacts: Vec<Artifact>,
    /// What to tell the person who hands them over.
    pub notes: Vec<String>,
}

/// A file to hand over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// File name.
    pub name: String,
    /// Content.
    pub bytes: Bytes,
}

/// Why a destination gives nothing.
#[derive(Debug, thiserror::Error)]
pub enum DestinationError {
    /// More than it takes.
    #[error(transparent)]
    TooLarge(#[from] Box<TooLarge>),
    /// It takes no compressed user-data, and that was demanded.
    #[error("{0} takes no compressed user-data; leave out --compress always")]
    NoGzip(&'static str),
    /// It takes a single cloud-config.
    #[error(
        "{0} takes one cloud-config and nothing beside it; of `parts` it can have `cloud-config`, \
         `per-boot`, `per-instance` and `per-once`"
    )]
    OnePart(&'static str),
    /// A mistake in a template.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// A file that does not say what was to be written into it.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// The seed image cannot be made.
    #[error(transparent)]
    Image(#[from] crate::iso9660::Iso9660Error),
    /// The result cannot be written as JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

impl DestinationError {
    /// Is it a mistake of the owner's, who asked for too much or wrote a template?
    pub fn is_the_users(&self) -> bool {
        match self {
            DestinationError::TooLarge(_) | DestinationError::OnePart(_) => true,
            DestinationError::Template(error) => error.is_the_users(),
            DestinationError::Render(error) => error.is_the_users(),
            _ => false,
        }
    }

    /// A fixed name for this kind of mistake, in kebab-case.
    pub fn id(&self) -> &'static str {
        match self {
            DestinationError::TooLarge(_) => "too-large",
            DestinationError::OnePart(_) => "one-part",
            DestinationError::Template(_) | DestinationError::Render(_) => TEMPLATE,
            _ => "destination",
        }
    }
}

/// The id of a mistake in a template.
pub const TEMPLATE: &str = "template";

impl Listed for Destination {
    const KIND: &'static str = "destination";
    const ALL: &'static [&'static Destination] = &[
        &cloud_config::CLOUD_CONFIG,
        &aws_form::AWS_FORM,
        &aws_cli::AWS_CLI,
        &aws_launch_template::AWS_LAUNCH_TEMPLATE,
        &cloudformation::CLOUDFORMATION,
        &terraform::TERRAFORM,
        &tfvars::TFVARS,
        &azure::AZURE,
        &gcp::GCP,
        &digitalocean::DIGITALOCEAN,
        &hetzner::HETZNER,
        &linode::LINODE,
        &oci::OCI,
        &openstack::OPENSTACK,
        &vmware::VMWARE,
        &lxd::LXD,
        &incus::INCUS,
        &multipass::MULTIPASS,
        &proxmox::PROXMOX,
        &nocloud::NOCLOUD,
        &nocloud_iso::NOCLOUD_ISO,
        &mime::MIME,
    ];

    fn name(&self) -> &'static str {
        self.name
    }

    fn about(&self) -> &'static str {
        self.about
    }
}

impl Destination {
    /// What is pasted into the launch form of EC2.
    pub const EC2_FORM: &'static Destination = &aws_form::AWS_FORM;

    /// Wraps a payload for this destination.
    ///
    /// # Errors
    /// It is too large, or of a kind that the destination does not take.
    pub fn deliver(
        &self,
        plan: &Plan,
        payload: &Payload,
        compress: Compress,
        templates: &Templates,
    ) -> Result<Emission, DestinationError> {
        let payload = self.pack(plan, payload, compress)?;
        (self.emit)(&Delivery { plan, payload: &payload, templates, member: None })
    }
}

impl Artifact {
    fn new(name: &str, bytes: impl Into<Bytes>) -> Artifact {
        Artifact { name: name.into(), bytes: bytes.into() }
    }
}

impl Emission {
    fn one(name: &str, bytes: impl Into<Bytes>) -> Emission {
        Emission { artifacts: vec![Artifact::new(name, bytes)], notes: Vec::new() }
    }

    /// JSON in ASCII, since the AWS CLI reads `file://` in the encoding of its computer.
    /// <https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-parameters-file.html>
    fn json(name: &str, value: &serde_json::Value) -> Result<Emission, DestinationError> {
        Ok(Emission::one(name, ascii(&serde_json::to_string_pretty(value)?) + "\n"))
    }

    fn note(mut self, note: impl Into<String>) -> Emission {
        self.notes.push(note.into());
        self
    }
}

impl Delivery<'_> {
    /// The payload as it is.
    fn as_it_is(&self) -> Emission {
        let name = if self.payload.is_gzip() { "user-data.gz" } else { "user-data" };
        Emission::one(name, self.payload.bytes().clone())
    }

    /// Text as it is; one line of base64 where it is compressed.
    fn text_or_base64(&self) -> Bytes {
        match self.payload.text() {
            Some(_) => self.payload.bytes().clone(),
            None => self.payload.base64().into(),
        }
    }

    /// Name of the machine for people: of a roster's, its own.
    fn name(&self) -> &str {
        self.member.map_or_else(|| self.hostname(), |member| member.name)
    }

    /// The same with what the student is called, for tags that people read.
    fn label(&self) -> String {
        let full = self.member.and_then(|member| member.full_name);
        full.map_or_else(|| self.name().to_owned(), |full| format!("{} {full}", self.name()))
    }

    /// The host name, or one where there is none.
    fn hostname(&self) -> &str {
        self.plan.hostname.as_deref().unwrap_or("bootseed")
    }

    /// [`Self::name`] in characters that AWS takes in the names of its resources, and still a name
    /// that no other machine of the roster has.
    fn resource_name(&self) -> String {
        let name = self.name();
        let plain = |c: &char| c.is_ascii_alphanumeric() || ".-_".contains(*c);
        if name.chars().all(|c| plain(&c)) {
            return name.to_string();
        }
        let rest: String = name.chars().filter(plain).take(100).collect();
        format!("bootseed-{rest}-{}", sum(name.as_bytes()))
    }
}

/// The first quarter of a SHA-256, in 16 hexadecimal digits.
fn sum(bytes: &[u8]) -> String {
    sha256(bytes)[..16].to_owned()
}

/// JSON with `\u…` for what is not ASCII, which only its texts can have.
fn ascii(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        match c.is_ascii() {
            true => text.push(c),
            false => text.extend(c.encode_utf16(&mut [0; 2]).iter().map(|u| format!("\\u{u:04x}"))),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_registered() {
        let files = std::fs::read_dir("src/destination").unwrap();
        let mut stems: Vec<String> = files
            .map(|file| {
                file.unwrap().path().file_stem().unwrap().to_string_lossy().replace('_', "-")
            })
            .filter(|stem| !["mod", "size", "gather"].contains(&stem.as_str()))
            .collect();
        let mut names: Vec<&str> = Destination::ALL.iter().map(|entry| entry.name()).collect();
        stems.sort();
        names.sort();
        assert_eq!(stems, names);
    }

    #[test]
    fn json_is_ascii_and_the_same() {
        let value = serde_json::json!({"이름": "é 😀 \\ \" \u{7f}\u{2028}", "n": 1.5});
        let json = Emission::json("a.json", &value).unwrap().artifacts.remove(0).bytes;
        assert!(json.is_ascii());
        assert_eq!(serde_json::from_slice::<serde_json::Value>(&json).unwrap(), value);
    }
}
