//! What parameters mean that only show it together with others, or with what the image has.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use bootseed::machine::Order;
use bootseed::plan;
use bootseed::source::{Source, Yaml11, parse};
use bootseed::spec;
use bootseed::template::Templates;
use serde_json::{Value, json};

use crate::values::document::{self, Document};

fn rendered(parameters: Value) -> Document {
    document::render(&parameters).unwrap_or_else(|refusal| panic!("{}", refusal.shown))
}

/// Below `users` cloud-init prefers what the image says of its own account: the password would be
/// locked again.
#[test]
fn the_image_s_own_account_gets_its_password_and_shell_by_the_key_user() {
    for (distro, name) in [("ubuntu", "ubuntu"), ("debian", "admin"), ("debian", "debian")] {
        let user =
            json!({ "name": name, "password": "x", "shell": "/bin/sh", "groups": ["docker"] });
        let document = rendered(json!({ "distro": distro, "users": [{ "name": "kim" }, user] }));
        assert_eq!(document.text_at("user.name"), Some(name));
        assert_eq!(document.text_at("user.shell"), Some("/bin/sh"));
        assert_eq!(document.at("user.lock_passwd"), Some(&Yaml11::Bool(false)));
        assert!(document.text_at("user.hashed_passwd").unwrap().starts_with("$6$"));
        assert_eq!(document.text_at("users.0"), Some("default"));
        assert_eq!(document.text_at("users.2.name"), Some(name));
        assert_eq!(document.text_at("users.2.groups.0"), Some("docker"));
        assert_eq!(document.at("users.2.shell"), None);
        assert_eq!(document.at("users.2.hashed_passwd"), None);
    }
}

#[test]
fn an_account_called_as_that_of_another_distribution_is_an_ordinary_one() {
    let user = json!({ "name": "ubuntu", "password": "x" });
    let document = rendered(json!({ "distro": "debian", "users": [user] }));
    assert_eq!(document.at("user"), None);
    assert!(document.text_at("users.1.hashed_passwd").is_some());
}

/// `cloud_config.users` alone would leave out the account that the cloud's key is for.
#[test]
fn the_image_s_own_account_is_kept_beside_accounts_of_cloud_config() {
    let user = json!({ "name": "lee" });
    for (users, count) in [(json!([user]), 2), (json!([user, "default"]), 2), (json!([]), 0)] {
        let document = rendered(json!({ "cloud_config": { "users": users } }));
        let Some(Yaml11::List(found)) = document.at("users") else { panic!("{}", document.text) };
        let default = Yaml11::Str("default".into());
        assert_eq!(found.len(), count, "{users}");
        assert_eq!(found.iter().filter(|one| **one == default).count(), count / 2, "{users}");
    }
}

#[test]
fn accounts_of_one_name_are_one() {
    let more = json!({ "name": "kim", "gecos": "Kim", "groups": ["docker"] });
    let document = rendered(json!({
        "users": [{ "name": "kim", "groups": ["users"] }],
        "cloud_config": { "users": [more] },
    }));
    assert_eq!(document.text_at("users.1.gecos"), Some("Kim"));
    assert_eq!(document.text_at("users.1.groups.0"), Some("users"));
    assert_eq!(document.text_at("users.1.groups.1"), Some("docker"));
    assert_eq!(document.at("users.2"), None);
}

/// A mirror of Ubuntu's archive has no packages for ARM, which are in `ubuntu-ports`.
#[test]
fn a_mirror_is_used_on_the_architectures_that_it_has() {
    for (distro, url, first) in [
        ("ubuntu", "https://ftp.kaist.ac.kr/ubuntu/", "amd64"),
        ("ubuntu", "https://ftp.kaist.ac.kr/ubuntu-ports/", "arm64"),
        ("debian", "https://ftp.kaist.ac.kr/debian/", "default"),
    ] {
        let document = rendered(json!({ "distro": distro, "apt": { "mirror": url } }));
        assert_eq!(document.text_at("apt.primary.0.arches.0"), Some(first));
        assert_eq!(document.text_at("apt.primary.0.uri"), Some(url));
    }
}

/// Files whose owners exist when the machine boots are placed first; those of an account that a
/// package brings wait for the packages.
#[test]
fn a_file_of_a_package_s_account_waits_for_the_package() {
    let file = |path: &str, owner: &str| json!({ "path": path, "content": "x", "owner": owner });
    let parameters = json!({
        "packages": ["postgresql"],
        "users": [{ "name": "kim", "groups": ["lab"] }],
        "files": [
            file("/etc/postgresql/a.conf", "postgres"),
            file("/srv/b", "kim:postgres"),
            file("/srv/c", "kim:lab"),
            file("/srv/d", "nobody"),
            file("/srv/e", "1000:1000"),
        ],
        "run": ["systemctl restart postgresql"],
    });
    let tree = parse(&Source::new("a.yaml", document::parameter_file(&parameters))).unwrap();
    let plan = plan::resolve(&spec::load(&tree).0.unwrap(), Path::new("/nowhere")).0.unwrap();
    let placed: Vec<(&str, &str)> =
        plan.placed.iter().map(|file| (file.path.as_str(), file.owner.as_str())).collect();
    let expected = [("/srv/c", "kim:lab"), ("/srv/d", "nobody:nogroup"), ("/srv/e", "1000:1000")];
    assert_eq!(placed, expected);
    let last = |words: &Vec<String>, n| words[words.len() - n..].join(" ");
    assert_eq!(last(&plan.run[0], 2), "/etc/postgresql/a.conf postgres:");
    assert_eq!(last(&plan.run[1], 2), "/srv/b kim:postgres");
    assert_eq!(last(&plan.run[2], 1), "systemctl restart postgresql");
    let templates = Templates::default();
    let order = Order::new(&templates);
    let machine = order.machine(plan).unwrap();
    let shown = machine.summary(order.size(&machine).unwrap()).to_string();
    assert!(shown.contains("run:1     /etc/postgresql/a.conf is given to postgres\n"), "{shown}");
    assert!(shown.contains("run:3     your command: systemctl restart postgresql\n"), "{shown}");
}

/// The command that places such a file, run here for the account `nobody`.
#[test]
fn a_late_file_gets_its_owner_mode_and_directory() {
    let file = json!({ "path": "/srv/x", "content": "x", "owner": "late", "mode": "0640" });
    let parameters = json!({ "packages": ["x"], "files": [file] });
    let tree = parse(&Source::new("a.yaml", document::parameter_file(&parameters))).unwrap();
    let plan = plan::resolve(&spec::load(&tree).0.unwrap(), Path::new("/nowhere")).0.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (staged, path) = (folder.path().join("staged"), folder.path().join("a b/-x"));
    std::fs::write(&staged, "x").unwrap();
    // Only root can give a file away.
    let own = std::fs::metadata(&staged).unwrap().uid();
    let (owner, uid) = if own == 0 { ("nobody:".into(), 65534) } else { (own.to_string(), own) };
    let mut words = plan.run[0].clone();
    for (old, new) in [
        (plan.late[0].staged.clone(), staged.display().to_string()),
        ("/srv/x".into(), path.display().to_string()),
        ("late:".into(), owner),
    ] {
        words.iter_mut().filter(|word| **word == old).for_each(|word| word.clone_from(&new));
    }
    let status = std::process::Command::new(&words[0]).args(&words[1..]).status().unwrap();
    assert!(status.success());
    let found = std::fs::metadata(&path).unwrap();
    assert_eq!(found.mode() & 0o7777, 0o640);
    assert_eq!(found.uid(), uid);
}

/// nginx says 404 for a directory that is not there.
#[test]
fn a_root_that_nothing_fills_gets_a_start_page() {
    let page = |more: Value| {
        let mut parameters = json!({ "web": { "root": "/srv/site/" } });
        parameters.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let document = rendered(parameters);
        document.files().iter().any(|file| file.0 == "/srv/site/index.html")
    };
    assert!(page(json!({})));
    assert!(page(json!({ "files": [{ "path": "/srv/other/x", "content": "x" }] })));
    assert!(!page(json!({ "files": [{ "path": "/srv/site/x", "content": "x" }] })));
    assert!(!page(json!({ "run": ["git clone https://a.example/b /srv/site"] })));
    let written = json!([{ "path": "/srv/site/x", "content": "x" }]);
    assert!(!page(json!({ "cloud_config": { "write_files": written } })));
}

/// Names that people know from cloud-init, for what it does by itself less well.
#[test]
fn an_archive_has_its_key_and_cloud_init_fills_in_the_release() {
    let key = "-----BEGIN PGP PUBLIC KEY BLOCK-----\nx\n";
    for (source, line) in [
        (
            "deb https://a.example/x $RELEASE main",
            "deb [signed-by=KEY] https://a.example/x $RELEASE main",
        ),
        (
            "deb [arch=amd64] https://a.example/x ./",
            "deb [signed-by=KEY arch=amd64] https://a.example/x ./",
        ),
    ] {
        let source = json!({ "name": "lab", "source": source, "key": key });
        let document = rendered(json!({ "apt": { "sources": [source] } }));
        let place = "/etc/apt/keyrings/lab.asc";
        assert_eq!(document.file(place), key);
        assert!(document.text.contains(&line.replace("KEY", place)), "{}", document.text);
    }
}

#[test]
fn root_has_its_key_and_may_use_it() {
    let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPlaceholderPlaceholderPlaceholderPlaceho root";
    let user = json!({ "name": "root", "ssh_authorized_keys": [key] });
    let document = rendered(json!({ "users": [user] }));
    assert_eq!(document.at("disable_root"), Some(&Yaml11::Bool(false)));
    assert_eq!(document.text_at("users.1.ssh_authorized_keys.0"), Some(key));
    assert_eq!(document.at("users.1.shell"), None);
}

#[test]
fn the_image_s_own_account_can_be_left_out() {
    for (users, count) in [(json!([]), 0), (json!([{ "name": "kim" }]), 1)] {
        let document = rendered(json!({ "users": users, "default_user": false }));
        let Some(Yaml11::List(found)) = document.at("users") else { panic!("{}", document.text) };
        assert_eq!(found.len(), count, "{}", document.text);
    }
}

#[test]
fn ssh_takes_passwords_on_request() {
    let document = rendered(json!({ "ssh_password_login": true }));
    assert_eq!(document.at("ssh_pwauth"), Some(&Yaml11::Bool(true)));
}

/// A script that was checked out on Windows is the one that was checked out on Linux.
#[test]
fn a_file_is_the_same_from_every_computer() {
    let folder = tempfile::tempdir().unwrap();
    let made = |text: &str| {
        std::fs::write(folder.path().join("s.sh"), text).unwrap();
        let file = json!({ "path": "/srv/s", "from": "s.sh", "line_endings": "unix" });
        document::render_in(&json!({ "files": [file] }), folder.path()).unwrap().text
    };
    assert_eq!(made("#!/bin/sh\r\necho hi\r\n"), made("#!/bin/sh\necho hi\n"));
}
