//! Documents of other programs, which are given where a parameter file or user-data is wanted.
//!
//! In: the keys at the top of a document. Out: whose it is, if it is known. To add one: its entry in
//! `DOCUMENTS`.

/// What a value is, as far as it tells documents apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// A map of maps, with one at least.
    Maps,
    /// A list.
    List,
    /// Any value, these included.
    Any,
}

/// A kind of document.
#[derive(Debug)]
pub struct Document {
    /// For what it is, for people.
    pub whose: &'static str,
    /// The key that tells it.
    mark: &'static str,
    /// What the mark's value has to be.
    look: Look,
    /// The only keys that are at its top beside the mark; any may be without one.
    beside: &'static [&'static str],
    /// What to do with it where a parameter file is wanted.
    pub help: &'static str,
}

const BEGIN: &str = "`bootseed init` writes a parameter file to begin with";

const DOCUMENTS: &[Document] = &[
    // https://docs.docker.com/reference/compose-file/
    Document {
        whose: "Docker Compose",
        mark: "services",
        look: Look::Maps,
        beside: &["version", "name", "volumes", "networks", "configs", "secrets", "include"],
        help: BEGIN,
    },
    // https://docs.conda.io/projects/conda/en/stable/user-guide/tasks/manage-environments.html
    Document {
        whose: "conda (an environment)",
        mark: "dependencies",
        look: Look::List,
        beside: &["name", "channels", "prefix", "variables", "platforms"],
        help: "name it in an item of `environments:` below `conda:`, as `file:`; its packages are taken over",
    },
    // https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax
    Document {
        whose: "a CI service (GitHub Actions, CircleCI)",
        mark: "jobs",
        look: Look::Maps,
        beside: &[],
        help: BEGIN,
    },
    // https://kubernetes.io/docs/concepts/overview/working-with-objects/
    Document { whose: "Kubernetes", mark: "apiVersion", look: Look::Any, beside: &[], help: BEGIN },
    // https://docs.ansible.com/ansible/latest/reference_appendices/playbooks_keywords.html
    Document { whose: "Ansible", mark: "hosts", look: Look::Any, beside: &[], help: BEGIN },
    // https://docs.siderolabs.com/talos/v1.9/reference/configuration/v1alpha1/config
    Document { whose: "Talos", mark: "machine", look: Look::Any, beside: &[], help: BEGIN },
    Document { whose: "Talos", mark: "cluster", look: Look::Any, beside: &[], help: BEGIN },
    // https://docs.cloud-init.io/en/latest/reference/datasources/nocloud.html
    Document {
        whose: "the file meta-data",
        mark: "local-hostname",
        look: Look::Any,
        beside: &[],
        help: "write `hostname:`; bootseed makes the file meta-data where a destination needs it",
    },
];

/// The document that has these keys at its top, each with the look of its value, and the key that tells
/// it.
pub fn of<'a>(keys: &[(&'a str, Look)]) -> Option<(&'static Document, &'a str)> {
    DOCUMENTS.iter().find_map(|one| {
        let (key, _) = keys
            .iter()
            .find(|(key, look)| *key == one.mark && (*look == one.look || one.look == Look::Any))?;
        let may_be =
            |key: &str| key == one.mark || key.starts_with("x-") || one.beside.contains(&key);
        let all = one.beside.is_empty() || keys.iter().all(|(key, _)| may_be(key));
        all.then_some((one, *key))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whose(keys: &[(&str, Look)]) -> Option<&'static str> {
        of(keys).map(|(document, _)| document.whose)
    }

    #[test]
    fn the_services_of_a_machine_are_a_list() {
        let services = |look| ("services", look);
        assert_eq!(whose(&[services(Look::Maps)]), Some("Docker Compose"));
        assert_eq!(whose(&[services(Look::Maps), ("x-log", Look::Any)]), Some("Docker Compose"));
        assert_eq!(whose(&[services(Look::List)]), None);
        assert_eq!(whose(&[services(Look::Any)]), None);
        assert_eq!(whose(&[services(Look::Maps), ("hostname", Look::Any)]), None);
    }

    #[test]
    fn an_environment_has_a_list_of_dependencies() {
        let name = ("name", Look::Any);
        assert_eq!(whose(&[name, ("dependencies", Look::List)]), Some("conda (an environment)"));
        assert_eq!(whose(&[name, ("dependencies", Look::Maps)]), None);
        assert_eq!(whose(&[name, ("channels", Look::List)]), None);
        assert_eq!(whose(&[]), None);
    }
}
