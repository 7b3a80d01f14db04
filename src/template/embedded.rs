//! The templates that are built into the program.

/// Name and text of each, as in the folder `templates/`.
pub(super) const EMBEDDED: &[(&str, &str)] = &[
    ("cloud-config.yaml.j2", include_str!("../../templates/cloud-config.yaml.j2")),
    ("cloud-config/file.yaml.j2", include_str!("../../templates/cloud-config/file.yaml.j2")),
    ("cloud-config/key.yaml.j2", include_str!("../../templates/cloud-config/key.yaml.j2")),
    (
        "destinations/cloudformation.yaml.j2",
        include_str!("../../templates/destinations/cloudformation.yaml.j2"),
    ),
    ("destinations/launch.sh.j2", include_str!("../../templates/destinations/launch.sh.j2")),
    ("destinations/profile.yaml.j2", include_str!("../../templates/destinations/profile.yaml.j2")),
    ("destinations/terraform.tf.j2", include_str!("../../templates/destinations/terraform.tf.j2")),
    ("nginx.conf.j2", include_str!("../../templates/nginx.conf.j2")),
    ("provision.sh.j2", include_str!("../../templates/provision.sh.j2")),
    ("steps/apt.sh.j2", include_str!("../../templates/steps/apt.sh.j2")),
    ("steps/conda.sh.j2", include_str!("../../templates/steps/conda.sh.j2")),
    ("steps/files.sh.j2", include_str!("../../templates/steps/files.sh.j2")),
    ("steps/web.sh.j2", include_str!("../../templates/steps/web.sh.j2")),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn files(folder: &str, prefix: &str) -> Vec<String> {
        let mut found = Vec::new();
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = format!("{prefix}{}", path.file_name().unwrap().to_string_lossy());
            match path.is_dir() {
                true => found.extend(files(&path.to_string_lossy(), &format!("{name}/"))),
                false => found.push(name),
            }
        }
        found
    }

    #[test]
    fn every_template_is_built_in() {
        let mut there = files("templates", "");
        there.sort();
        let built_in: Vec<&str> = EMBEDDED.iter().map(|(name, _)| *name).collect();
        assert_eq!(there, built_in);
    }
}
