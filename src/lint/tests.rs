//! What is found, what is not, and where it is put.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::*;

fn found(text: &str) -> Vec<String> {
    with(text, &Settings::default())
}

fn with(text: &str, settings: &Settings) -> Vec<String> {
    let found = lint("a.yaml", text.as_bytes(), settings);
    let place = |one: &Finding| {
        one.diagnostic.place.span(None).map_or_else(String::new, |span| {
            format!(" {}:{}", span.source().name(), span.position())
        })
    };
    found.iter().map(|one| format!("{}{}", one.diagnostic.id, place(one))).collect()
}

#[test]
fn what_harms_nobody_is_not_found() {
    for text in [
        "users:\n  - name: ann\n    sudo: ALL=(ALL) NOPASSWD:ALL\n    groups: [admin, docker]\n    ssh_import_id: [gh:ann]",
        "packages: [nginx]",
        "runcmd:\n  - sudo systemctl restart nginx\n  - cd /srv\n  - ufw --force enable",
        "package_update: yes\npackage_upgrade: no\n",
        "write_files:\n  - {path: /a, permissions: '0o770', owner: 'www-data:www-data'}\n",
        "---\npackages: [nginx]\n",
        "runcmd:\n  - echo a \\\n  - b\n",
        "cloud_final_modules:\n  - [scripts-user, always]\n",
        "runcmd:\n  - DEBIAN_FRONTEND=noninteractive apt-get install -y nginx\n",
        "runcmd:\n  - curl -I http://example.org/\n  - id=$(curl -s http://example.org/ | jq .id)\n",
        "runcmd:\n  - docker run --detach -p 80:80 nginx\n  - docker run --rm alpine true\n",
        "runcmd:\n  - systemctl start nginx && echo 'reboot later'\n  - ansible-playbook reboot.yml\n",
        "runcmd:\n  - [sed, -i, 's/a*/$b/', /etc/motd]\n  - [sh, -c, 'echo $HOSTNAME > /etc/x']\n",
        "runcmd:\n  - timeout 60 cloud-init status --wait\n",
        "runcmd:\n  - for i in 1 2 3; do ping -c 1 x && break; sleep 5; done\n",
        "runcmd:\n  - while read -r line; do echo $line; sleep 1; done < /etc/hosts\n",
        "runcmd:\n  - \"su - ann -c 'cd ~ && source .profile'\"\n",
        "runcmd:\n  - /opt/venv/bin/pip install flask\n",
        "write_files:\n  - path: /etc/a\n    content: |\n      {{ .Values.x }} %{http_code}\n",
        "hostname: lab-1.example.org\n",
        "runcmd:\n  - [bash, -c, 'export A=1; apt-get update']\n  - su - ann -c 'cd ~/a; npm ci'\n",
        "runcmd:\n  - sudo -u ann bash -c 'cd ~/a && npm ci'\n  - [bash, -c, 'cp ~/a /b']\n",
        "runcmd:\n  - add-apt-repository ppa:a/b\n  - top -bn1\n  - jupyter notebook --generate-config\n",
        "packages: [docker]\nruncmd:\n  - yum -y update\n",
        "runcmd:\n  - useradd -m bob\n  - echo AllowUsers bob >> /etc/ssh/sshd_config\n",
        "rsyslog:\n  configs: ['*.* @@log.example.org;<%PRI%>']\n",
    ] {
        let text = format!("#cloud-config\n{text}");
        assert_eq!(found(&text), [""; 0], "{text}");
        assert_eq!(found(&text.replace('\n', "\r\n")), [""; 0], "{text}");
    }
    assert_eq!(found("#cloud-config: x\npackages: [nginx]\n"), [""; 0]);
}

/// The words that are said of a text, and what `--fix` makes of it.
fn said(text: &str) -> (String, Option<String>) {
    let found = lint("a.yaml", text.as_bytes(), &Settings::default());
    let words = |one: &Finding| {
        let help = one.diagnostic.help.as_deref().unwrap_or_default();
        format!("{}: {}; {help}\n", one.diagnostic.id, one.diagnostic.message)
    };
    let repaired = repair("a.yaml", text.as_bytes(), &Settings::default());
    (found.iter().map(words).collect(), repaired.map(|one| one.text))
}

#[test]
fn the_advice_works_on_a_machine() {
    for (text, words, repaired) in [
        ("users: [{name: ann, inactive: true}]", "leave it out, or write a number of days", None),
        ("users: [{name: ann, sudo: true}]", "incomplete-sudo-rule: `true` is no rule", None),
        ("growpart: {mode: off}", "write `'off'` in quotes", Some("growpart: {mode: 'off'}")),
        ("fs_setup: [{device: /dev/b, partition: 1}]", "takes a number for that of the part", None),
        ("fs_setup: [{device: /dev/b, partition: '1'}]", "one of auto, any, none", None),
        ("apt: {sources: {a: {source: deb, zork: 1}}}", "unknown-key: ", None),
        ("disk_setup: {/dev/b: {zork: 1}}", "unknown-key: ", None),
        ("runcmd:\n  - [ -f /x ] && rm /x", "put the whole command in quotes", None),
        ("runcmd:\n  - |\n  ls -l\n", "the `|` or `>` above is not indented", None),
        ("packages:\n${packages}\nruncmd: [ls]", "a template that nothing has filled in", None),
        (
            "runcmd:\n  - until test -e /var/lib/cloud/instance/boot-finished; do sleep 1; done",
            "waiting-for-itself: ",
            None,
        ),
        ("chpasswd: {users: [{name: root, password: secret}]}", "plain-text-in-passwd: ", None),
    ] {
        let (found, fixed) = said(&format!("#cloud-config\n{text}"));
        assert!(found.contains(words), "{text}: {found}");
        assert_eq!(fixed, repaired.map(|text| format!("#cloud-config\n{text}")), "{text}");
    }
    let (said, fixed) = said("## template:jinja\n#cloud-config\nhostname: '{{ v1.region }}'\n");
    assert!(said.contains("write exactly `## template: jinja`"), "{said}");
    assert!(fixed.is_some_and(|text| text.starts_with("## template: jinja\n#cloud-config\n")));
    let jinja = "## template: jinja\n#cloud-config\nhostname: {{ v1.region }}\n";
    assert_eq!(found(jinja), ["not-looked-at a.yaml:1:1"]);
    let alias = "#cloud-config\nruncmd:\n  - *foo\n\n  # comment\n  - ls\n";
    assert_eq!(found(alias), ["invalid-yaml a.yaml:3:5"]);
}

#[test]
fn places_are_those_of_the_file() {
    let script = "Content-Type: multipart/mixed; boundary=X\nMIME-Version: 1.0\n\n--X\n\
                  Content-Type: text/x-shellscript\n\n#!/bin/sh\ncloud-init status --wait\n--X--\n";
    assert_eq!(found(script), ["waiting-for-itself a.yaml:8:1"]);
    let template = "Resources:\n  M:\n    Type: AWS::EC2::Instance\n    Properties:\n      UserData:\n        \
                    Fn::Base64: |\n          #cloud-config\n          package_udpate: true\n";
    assert_eq!(found(template), ["unknown-key a.yaml:8:11"]);
    let inner = "#cloud-config\npackage_udpate: true\n";
    let packed = STANDARD.encode(inner);
    assert_eq!(found(&packed), ["unknown-key a.yaml (base64):2:1"]);
    let block = "#cloud-config\nruncmd:\n  - |\n    echo a\n    cloud-init status --wait\n";
    assert_eq!(found(block), ["waiting-for-itself a.yaml:5:5"]);
    let file = "#cloud-config\nwrite_files:\n  - path: /opt/a\n    content: |\n      #!/bin/sh\n      apt-key add x\n";
    assert_eq!(found(file), ["apt-key a.yaml:6:7"]);
}

#[test]
fn what_is_allowed_is_not_found() {
    let text = "#cloud-config\nx-own: 1 # bootseed: allow unknown-key\n\
                # bootseed: allow unknown-key, wrong-type\n\ny-own: 2\n";
    assert_eq!(found(text), ["unused-allow a.yaml:3:32"]);
    let text = "#cloud-config\npackages: [nginx] # bootseed: allow unknwon-key\n";
    assert_eq!(found(text), ["unused-allow a.yaml:2:37"]);
    let settings = Settings { ignore: vec!["wrong-type".into()], ..Settings::default() };
    let text = "#cloud-config\npackages: [nginx] # bootseed: allow wrong-type\n";
    assert_eq!(with(text, &settings), [""; 0]);
}

#[test]
fn rules_are_chosen() {
    let text = "#cloud-config\nx: 1\nruncmd: \"a\"\n";
    let select = Settings { select: vec!["unknown-key".into()], ..Settings::default() };
    assert_eq!(with(text, &select), ["unknown-key a.yaml:2:1"]);
    let ignore = Settings { ignore: vec!["unknown-key".into()], ..Settings::default() };
    assert_eq!(with(text, &ignore), ["scalar-for-list a.yaml:3:9"]);
}

#[test]
fn the_machine_decides() {
    let on = |image: &str| {
        let target = Target::of_image(image).unwrap();
        Settings { target, ..Settings::default() }
    };
    let pip = "#cloud-config\nruncmd:\n  - pip3 install flask\n";
    let severity = |settings: &Settings| {
        let found = lint("a", pip.as_bytes(), settings);
        found.first().map(|one| one.diagnostic.severity)
    };
    use crate::diagnostic::Severity::{Error, Hint};
    assert_eq!(severity(&Settings::default()), Some(Hint));
    assert_eq!(severity(&on("debian-13")), Some(Error));
    assert_eq!(severity(&on("ubuntu-22.04")), None);
    assert_eq!(with("packages:\n- nginx\nfoo: 1\n", &on("multipass")), ["unknown-key a.yaml:3:1"]);
    assert!(Target::of_image("ubuntu-24").unwrap_err().to_string().contains("ubuntu-24.04"));
    assert_eq!(version("25.1.4-0ubuntu1").unwrap(), (25, 1));
    assert!(version("new").is_err());
}

#[test]
fn new_spellings_are_for_machines_that_know_them() {
    let text =
        "#cloud-config\nubuntu_advantage: {token: a}\npower_state: {mode: halt, delay: '5'}\n";
    let of = |cloud_init| {
        let target = Target { cloud_init: Some(cloud_init), ..Target::default() };
        with(text, &Settings { target, ..Settings::default() })
    };
    assert_eq!(of((22, 2)), [""; 0]);
    assert_eq!(of((23, 4)), ["deprecated-key a.yaml:3:34"]);
    assert_eq!(of((24, 1)), ["deprecated-key a.yaml:2:1", "deprecated-key a.yaml:3:34"]);
}

#[test]
fn documents_for_others_are_named() {
    for text in [
        "#ps1_sysnative\nNew-Item C:/temp\n",
        "<powershell>\nls\n</powershell>\n",
        "{\"ignition\": {\"version\": \"3.3.0\"}}\n",
        "version: v1alpha1\nmachine: {type: worker}\ncluster: {}\n",
        "[settings.kubernetes]\nname = \"a\"\n",
        "network: {version: 2}\n",
        "instance-id: a\nlocal-hostname: b\n",
        "- hosts: all\n  tasks: []\n",
    ] {
        let found = found(text);
        assert!(
            found.len() == 1 && found[0].starts_with("foreign-cloud-config"),
            "{text}: {found:?}"
        );
    }
    assert!(found("\u{FFFD}\u{1}")[0].starts_with("missing-header"));
}

#[test]
fn the_end_of_a_text_behind_a_command_is_looked_for() {
    for (text, count) in [
        ("runcmd:\n- cat <<EOF >/etc/motd\n- Welcome\n- EOF\n", 0),
        ("runcmd:\n- |\n  cat <<-EOF\n  \ta\n  \tEOF\n", 0),
        ("runcmd:\n- |\n  cat <<'EOF'\n  it's $a\n  EOF\n- echo $((1 << 2))\n", 0),
        ("runcmd:\n- x=$(cat <<A\n\n  b\n\n  A\n\n  )\n", 0),
        ("runcmd:\n- cat <<EOF\n- [ls]\n- EOF\n", 1),
        ("runcmd:\n- >\n  cat <<EOF\n  a\n  EOF\n", 1),
        (
            "write_files:\n- path: /a\n  content: |\n    #!/bin/sh\n    cat <<EOF\n    a\n     EOF\n",
            1,
        ),
    ] {
        let found = found(&format!("#cloud-config\n{text}"));
        let unclosed = found.iter().filter(|one| one.starts_with("unclosed-heredoc")).count();
        assert_eq!(unclosed, count, "{text}: {found:?}");
    }
}

#[test]
fn a_template_is_not_taken_at_its_word() {
    let text =
        "## template: jinja\n#cloud-config\nhostname: \"{{ v1.region }}\"\npackagez: [nginx]\n";
    assert_eq!(found(text), ["unknown-key a.yaml:4:1"]);
    let text = "#cloud-config\nhostname: ${name}\npackages: \"{{ list }}\"\n";
    assert_eq!(found(text), ["leftover-template-syntax a.yaml:3:12"]);
}

#[test]
fn repairs_are_small_and_safe() {
    let repaired = |text: &str| {
        let mut fixed = text.to_owned();
        let found = lint("a", text.as_bytes(), &Settings::default());
        let mut edits: Vec<Edit> =
            found.into_iter().filter_map(|one| one.fix).flat_map(|fix| fix.edits).collect();
        edits.sort_by_key(|edit| std::cmp::Reverse(edit.span.start()));
        edits.iter().for_each(|edit| fixed.replace_range(edit.span.range(), &edit.text));
        fixed
    };
    for (text, expected) in [
        ("# cloud-config\npackages: [a]\n", "#cloud-config\npackages: [a]\n"),
        ("#cloud-config\npermissions: 1\n", "#cloud-config\npermissions: 1\n"),
        (
            "#cloud-config\nwrite_files: [{path: /a, permissions: 0644}] # kept\n",
            "#cloud-config\nwrite_files: [{path: /a, permissions: '0644'}] # kept\n",
        ),
        ("#cloud-config\napt_update: true\n", "#cloud-config\npackage_update: true\n"),
        (
            "#cloud-config\nubuntu-advantage: {token: a}\n",
            "#cloud-config\nubuntu_pro: {token: a}\n",
        ),
        (
            "#cloud-config\nruncmd: [restart ssh]\n",
            "#cloud-config\nruncmd: [systemctl restart ssh]\n",
        ),
        (
            "#cloud-config\nruncmd:\n- echo \"a: b\"\n",
            "#cloud-config\nruncmd:\n- 'echo \"a: b\"'\n",
        ),
        ("#cloud-config\nruncmd:\n- true\n", "#cloud-config\nruncmd:\n- 'true'\n"),
        (
            "#cloud-config\nruncmd:\n- apt-get install gcc\n",
            "#cloud-config\nruncmd:\n- apt-get install -y gcc\n",
        ),
        (
            "#cloud-config\nwrite-files: [{path: /a}]\n",
            "#cloud-config\nwrite_files: [{path: /a}]\n",
        ),
    ] {
        assert_eq!(repaired(text), expected, "{text}");
        assert_eq!(repaired(expected), expected, "it is repaired once");
    }
}

#[test]
fn an_empty_first_line_is_no_trouble() {
    for text in ["", "\n", "\n## template: jinja\n", "\n\n#cloud-config\n", "\r\n{{ a }}\n"] {
        with(text, &Settings::default());
        with(&format!("## template: jinja\n{text}"), &Settings::default());
    }
}
