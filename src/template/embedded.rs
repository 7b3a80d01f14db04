//! The templates that are built into the program.

/// Name and text of each, as in the folder `templates/`.
macro_rules! embedded {
    ($($name:literal,)*) => {
        &[$(($name, include_str!(concat!("../../templates/", $name)))),*]
    };
}

pub(super) const EMBEDDED: &[(&str, &str)] = embedded![
    "app/app.service.j2",
    "app/gunicorn.conf.py.j2",
    "app/restart.conf.j2",
    "cloud-config.yaml.j2",
    "cloud-config/constant.yaml.j2",
    "cloud-config/file.yaml.j2",
    "cloud-config/key.yaml.j2",
    "destinations/cloudformation.yaml.j2",
    "destinations/launch.sh.j2",
    "destinations/meta-data.yaml.j2",
    "destinations/profile.yaml.j2",
    "destinations/terraform.tf.j2",
    "guest/__init__.py",
    "guest/conda_faults.py",
    "guest/download.py",
    "guest/engine.py",
    "guest/https.py",
    "guest/packages/__init__.py",
    "guest/packages/apt.py",
    "guest/packages/apt_upgrade.py",
    "guest/pip_faults.py",
    "guest/status.py",
    "guest/step.py",
    "guest/steps/__init__.py",
    "guest/steps/app.py",
    "guest/steps/certbot.py",
    "guest/steps/conda.py",
    "guest/steps/env.py",
    "guest/steps/files.py",
    "guest/steps/handover.py",
    "guest/steps/https.py",
    "guest/steps/packages.py",
    "guest/steps/pip.py",
    "guest/steps/report.py",
    "guest/steps/run.py",
    "guest/steps/services.py",
    "guest/steps/terms.py",
    "guest/steps/upgrade.py",
    "guest/steps/verify.py",
    "guest/steps/web.py",
    "machine.yaml.j2",
    "status.html",
    "web/apache-status.conf.j2",
    "web/apache.conf.j2",
    "web/https.service.j2",
    "web/https.timer.j2",
    "web/nginx-status.conf.j2",
    "web/nginx.conf.j2",
    "web/starting.asis.j2",
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
                true if name.contains("__pycache__") => {}
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
