//! How the machines of a class are launched, in words for the page.
//!
//! In: a destination. Out: a sentence, and whether there is a form in a browser that a text is
//! pasted into. To add such a form: a line in `FORMS`.

use crate::destination::Destination;

/// How machines get to a destination.
pub(super) struct Way {
    /// In words.
    pub(super) how: String,
    /// Is a text pasted into a form?
    pub(super) form: bool,
    /// Is it that of EC2, which takes base64 too?
    pub(super) ec2: bool,
}

const EC2_FORM: &str = "EC2's launch form under Advanced details, User data";

/// Destinations with a form in a browser, and where the text goes there.
const FORMS: &[(&str, &str)] = &[
    ("cloud-config", EC2_FORM),
    ("aws-form", EC2_FORM),
    ("azure", "the form of the virtual machine under Advanced, Custom data"),
    ("digitalocean", "the form of the Droplet under Advanced options, initialization scripts"),
    ("hetzner", "the form of the server under Cloud config"),
    ("linode", "the form of the Linode under Add User Data"),
    ("oci", "the form of the instance under Advanced options, cloud-init script"),
    ("openstack", "Horizon's form under Configuration, Customization Script"),
];

/// Destinations with a file for everybody, and what is done with it.
const TOGETHER: &[(&str, &str)] = &[
    (
        "aws-cli",
        "Run ./launch.sh in this folder: it launches the machines that are not there yet. Do not \
         launch one by hand as well: it would be there twice. ./launch.sh --status says which \
         machine has which address, ./launch.sh --watch how far they are, and ./launch.sh \
         --terminate ends them.",
    ),
    (
        "tfvars",
        "Run terraform apply with -var-file=bootseed.auto.tfvars.json: it makes and replaces the \
         machines.",
    ),
];

impl Way {
    pub(super) fn of(destination: &Destination) -> Way {
        let name = destination.name;
        let find = |table: &[(&str, &'static str)]| {
            table.iter().find(|(known, _)| *known == name).map(|(_, words)| *words)
        };
        if let Some(field) = find(FORMS) {
            let how = format!("For each student: Copy, then paste into {field}.");
            return Way { how, form: true, ec2: field == EC2_FORM };
        }
        let each = || format!("Each student has a file: {}.", destination.about.replace('`', ""));
        let how = find(TOGETHER).map_or_else(each, str::to_owned);
        Way { how, form: false, ec2: false }
    }

    /// May a text be pasted, or is there only its file?
    pub(super) fn takes(&self, base64: bool) -> bool {
        self.form && (self.ec2 || !base64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Listed;

    #[test]
    fn every_destination_says_what_to_do() {
        let known = |name: &str| Destination::ALL.iter().any(|one| one.name == name);
        assert!(FORMS.iter().chain(TOGETHER).all(|(name, _)| known(name)));
        for destination in Destination::ALL {
            let way = Way::of(destination);
            assert_eq!(way.form, way.how.contains("Copy, then paste"), "{}", way.how);
            assert!(way.how.ends_with('.') && !way.how.contains('`'), "{}", way.how);
            assert!(!way.ec2 || way.how.contains("EC2"), "{}", destination.name);
        }
    }
}
