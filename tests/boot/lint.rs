//! What a machine really does with the mistakes that `bootseed lint` finds, on cloud-init 26.2: the
//! evidence of its rules that only a boot can show.

use std::time::Duration;

use crate::Scenario;
use crate::machine::{Machine, Network, Running, Suite};

pub(crate) const SCENARIOS: &[Scenario] = &[
    Scenario::on_sid("mistakes_that_lint_finds", mistakes),
    Scenario::on_sid("one_command_that_becomes_a_map", became_map),
    Scenario::on_sid("a_unit_behind_cloud_init", later_unit),
    Scenario::on_sid("a_command_that_restarts_the_machine", restarts),
];

const LIMIT: Duration = Duration::from_secs(180);

/// duplicate-key, file-before-owner, unset-home, bashism-in-sh, shell-syntax-in-list,
/// plain-text-in-passwd, numeric-password, unlocked-without-password, password-with-space,
/// early-home-file, interactive-install and exit-ends-runcmd in one machine.
const MISTAKES: &str = r#"#cloud-config
users:
  - default
  - {name: ann, lock_passwd: false, passwd: hello}
  - {name: bob, lock_passwd: false}
  - {name: cat, lock_passwd: false, passwd: 0314}
  - {name: dan, lock_passwd: false, plain_text_passwd: 0314}
write_files:
  - {path: /home/ann/.early, content: early}
  - {path: /srv/ann, owner: 'ann:ann', content: hello}
  - {path: /srv/later, content: hello}
runcmd:
  - touch /srv/first
runcmd:
  - echo "HOME=${HOME-unset}" > /srv/home
  - mkdir -p '/~' && touch ~/tilde
  - source /etc/profile || touch /srv/no-source
  - [touch, /srv/star-*]
  - apt-get install no-such-package </dev/null || touch /srv/asked
  - touch /srv/before-exit && exit 0
  - touch /srv/behind-exit
"#;

fn boot(suite: Suite, name: &str, user_data: &str) -> (Running, Network) {
    let network = Network::new();
    let machine = Machine::unpack(suite, name);
    machine.seed(user_data, name);
    let running = machine.boot(&network);
    (running, network)
}

fn mistakes(suite: Suite) {
    let (machine, _network) = boot(suite, "lint", MISTAKES);
    let status = machine.wait_boot_finished(LIMIT);
    assert_ne!(status.exit, Some(0), "{}", status.long);
    let is_there = |path: &str| machine.shell(&format!("ls -d '{path}' 2>/dev/null || true"));
    for (path, expected) in [
        ("/srv/first", false),
        ("/srv/ann", true),
        ("/srv/later", false),
        ("/~/tilde", true),
        ("/srv/no-source", true),
        ("/srv/star-*", true),
        ("/srv/before-exit", true),
        ("/srv/behind-exit", false),
    ] {
        assert_eq!(!is_there(path).trim().is_empty(), expected, "{path}");
    }
    assert_eq!(machine.read("/srv/home").trim(), "HOME=unset");
    let owner = |path: &str| machine.shell(&format!("stat -c %U {path}")).trim().to_owned();
    assert_eq!((owner("/srv/ann"), owner("/home/ann")), ("root".into(), "root".into()));
    let shadow = machine.read("/etc/shadow");
    let password = |name: &str| {
        let line = shadow.lines().find(|line| line.starts_with(&format!("{name}:")));
        line.and_then(|line| line.split(':').nth(1)).unwrap_or("no such account").to_owned()
    };
    assert_eq!(password("ann"), "hello", "the text stands where the hash belongs");
    assert!(!password("cat").starts_with('$'), "a hash that is no text: {}", password("cat"));
    assert!(password("dan").starts_with('$'), "204 is the password: {}", password("dan"));
    assert!(status.long.contains("bob"), "a warning of the account: {}", status.long);
}

/// command-becomes-map: none of the others runs either.
fn became_map(suite: Suite) {
    let text = "#cloud-config\nruncmd:\n  - touch /srv/first\n  - echo \"done: yes\"\n  - touch /srv/last\n";
    let (machine, _network) = boot(suite, "map", text);
    let status = machine.wait_boot_finished(LIMIT);
    assert_eq!(status.exit, Some(1), "{}", status.long);
    let found = machine.shell("ls /srv");
    assert_eq!(found.trim(), "", "{}", status.long);
}

/// unit-after-cloud-init: the job of the unit waits for cloud-init, and that for the job. Without
/// `--no-block` it would never end; a killed `systemctl` lets it go on.
fn later_unit(suite: Suite) {
    let unit = "[Unit]\\nAfter=cloud-final.service\\n[Service]\\nExecStart=sleep infinity\\n";
    let text = format!(
        "#cloud-config\nwrite_files:\n  - {{path: /etc/systemd/system/app.service, content: \"{unit}\"}}\n\
         runcmd:\n  - systemctl start --no-block app && touch /srv/first\n  - touch /srv/asked\n  \
         - systemctl start app; touch /srv/behind\n"
    );
    let (machine, _network) = boot(suite, "later", &text);
    machine.wait_for_file("/srv/asked", LIMIT);
    std::thread::sleep(Duration::from_secs(8));
    assert_eq!(machine.shell("ls /srv").split_whitespace().collect::<Vec<_>>(), ["asked", "first"]);
    let jobs = machine.shell("systemctl list-jobs --no-pager --plain");
    let waits = |line: &str| line.contains("app.service") && line.contains("waiting");
    assert!(jobs.lines().any(waits), "{jobs}");
    machine.shell("pkill -x systemctl");
    machine.wait_for_file("/srv/behind", LIMIT);
    machine.wait_boot_finished(LIMIT);
    let active = machine.wait("the unit", LIMIT, || {
        let said = machine.shell("systemctl is-active app || true");
        (said.trim() == "active").then_some(said)
    });
    assert_eq!(active.trim(), "active");
}

/// reboot-in-runcmd: what is behind the command runs neither before nor after the restart, and nothing
/// says so.
fn restarts(suite: Suite) {
    let text = "#cloud-config\nruncmd:\n  - touch /srv/first\n  - reboot\n  - sleep 60\n  - touch /srv/behind\n";
    let (machine, network) = boot(suite, "restarts", text);
    let machine = machine.wait_until_rebooted(&network, LIMIT);
    let status = machine.wait_boot_finished(LIMIT);
    assert_eq!(machine.shell("ls /srv").trim(), "first", "{}", status.long);
    assert_eq!(status.exit, Some(0), "{}", status.long);
}
