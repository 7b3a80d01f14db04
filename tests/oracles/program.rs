//! The provisioning program, really run: every program that it starts is a stand-in that notes its
//! arguments, and they have to be those of the parameter file, byte for byte.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::documents;
use super::host::find;
use super::values::awkward::{self, sample};
use super::values::document;
use super::values::everything;
use super::values::tools::{plain, said, script, split_nul};

/// Notes its arguments in a file of its own.
const NOTE: &str =
    "#!/bin/bash\nprintf '%s\\0' \"$@\" >\"$(mktemp \"FOLDER/calls/${0##*/}.XXXXXX\")\"\n";

/// What the stand-ins do beside noting their arguments.
const STAND_INS: &[(&str, &str)] = &[
    ("apt-get", ""),
    ("dpkg", ""),
    ("dpkg-query", "exit 1"),
    ("systemctl", "[[ $* != *is-failed* ]]"),
    ("install", ""),
    ("runuser", ""),
    ("ln", ""),
    ("dump", ""),
    ("cloud-init", "exit 1"),
    ("hostname", "echo 192.0.2.1"),
    ("df", "printf 'Avail\\n999999\\n'"),
    ("curl", "while [ \"$1\" != -o ]; do shift; done; cp FOLDER/installer \"$2\""),
    ("sha256sum", "echo \"SUM  -\""),
    ("installer", "mkdir -p \"$2/bin\"; touch \"$2/.condarc\"; cp FOLDER/conda \"$2/bin\""),
    (
        "conda",
        "case $1 in
        tos) echo \"accepted Terms of Service for ${!#}\" ;;
        create) env=${0%/bin/conda}/envs/$3; mkdir -p \"$env/bin\" \"$env/conda-meta\"
          echo x >\"$env/conda-meta/history\"; cp FOLDER/python \"$env/bin\" ;;
      esac",
    ),
    ("python", ""),
    ("tee", "exec /usr/bin/tee \"${@/#\\/dev\\/*//dev/null}\""),
    ("systemd-run", "while [ \"$1\" != bash ]; do shift; done; exec \"$@\""),
    // A line of bash of the owner's is noted, not run.
    ("bash", "[ \"$1\" = -eo ] || exec /bin/bash \"$@\""),
];

/// A machine made of stand-ins, in one folder.
struct World {
    folder: TempDir,
}

impl World {
    fn new() -> World {
        // Conda's prefix may not be below /tmp.
        let folder = tempfile::tempdir_in("/var/tmp").expect("a folder");
        for name in ["calls", "state/files"] {
            fs::create_dir_all(folder.path().join(name)).expect("made");
        }
        let world = World { folder };
        for (name, more) in STAND_INS {
            let apart = ["installer", "conda", "python"].contains(name);
            let path = world.path(&format!("{}{name}", if apart { "" } else { "bin/" }));
            let text =
                format!("{NOTE}{more}\n").replace("FOLDER", &world.path("").to_string_lossy());
            script(&path, text.replace("SUM", &"ab".repeat(32)));
        }
        world
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs the program of this machine; says what it printed.
    fn run(&self, parameters: &Value) -> (bool, String) {
        let document = document::render(parameters).unwrap_or_else(|r| panic!("{}", r.shown));
        for (path, text, _) in document.files() {
            if let Some(staged) = path.strip_prefix("/var/lib/bootseed/") {
                fs::write(self.path("state").join(staged), text).expect("written");
            }
        }
        let here = |name: &str| self.path(name).to_string_lossy().into_owned();
        let program = document.program();
        for own in ["cd /run/bootseed ", "/var/lib/bootseed ", "/var/log/bootseed.log", "/dev/con"]
        {
            assert!(program.contains(own), "the program has changed: no {own:?}");
        }
        let program = program
            .replace("/run/bootseed", &here("run"))
            .replace("/var/lib/bootseed", &here("state"))
            .replace("/var/log/bootseed.log", &here("log"));
        script(&self.path("program"), program);
        // By a relative path, as by hand.
        let output = plain("/bin/bash")
            .arg("program")
            .current_dir(self.path(""))
            .env("PATH", format!("{}:/usr/bin:/bin", here("bin")))
            .output()
            .expect("bash runs");
        let log = fs::read_to_string(self.path("log")).unwrap_or_default();
        (output.status.success(), said(&output) + &log)
    }

    /// The arguments of every call of a stand-in, in no particular order.
    fn calls(&self, name: &str) -> Vec<Vec<String>> {
        let mut calls: Vec<Vec<String>> = fs::read_dir(self.path("calls"))
            .expect("there")
            .map(|entry| entry.expect("an entry").path())
            .filter(|path| is_call_of(path, name))
            .map(|path| split_nul(&fs::read(path).expect("it can be read")))
            .collect();
        calls.sort();
        calls
    }

    fn assert_called(&self, name: &str, arguments: &[String], said: &str) {
        let calls = self.calls(name);
        assert!(calls.contains(&arguments.to_vec()), "{name} {arguments:?}: {calls:?}\n{said}");
    }
}

fn is_call_of(path: &Path, name: &str) -> bool {
    path.file_stem().is_some_and(|stem| stem == name)
}

fn strings(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| word.to_string()).collect()
}

/// Lists of texts that their parameters accept, and the texts of everything else.
struct Machine {
    packages: Vec<String>,
    services: Vec<String>,
    environments: Vec<(String, Vec<String>, Vec<String>)>,
    channels: Vec<String>,
    paths: Vec<String>,
    words: Vec<String>,
    lines: Vec<String>,
}

impl Machine {
    fn new() -> Machine {
        let mut words = awkward::texts();
        words.extend(sample(&awkward::strategy(), 100));
        words.retain(|word| !word.contains('\0'));
        let lines = words.iter().filter(|line| !line.trim().is_empty()).step_by(7).cloned();
        let path = |word: &String| format!("/srv/{word}");
        let fits = |path: &String| {
            let name_fits = |part: &str| part != ".." && part.len() < 256;
            path.chars().all(|c| !c.is_control())
                && path.split('/').all(name_fits)
                && !path.ends_with('/')
                && !path.ends_with("/.")
        };
        let mut paths: Vec<String> = words.iter().map(path).filter(fits).step_by(5).collect();
        paths.push("/in the root".into());
        let environment = |name| {
            let packages = sample(&"[a-z_][a-z \\[\\]'\"()^$*<>=!~,|:/.+-]{0,20}", 12);
            (name, packages, sample(&"[a-z0-9][ -~한é\u{2028}]{0,20}", 12))
        };
        let mut names = vec!["esac".to_string(), "한글".into(), "in".into(), "1".into()];
        names.extend(sample(&"[a-z_][a-z0-9+.-]{8,12}", 3));
        Machine {
            packages: sample(&"[a-z0-9][a-z0-9+.:=~/_-]{1,12}", 20),
            services: sample(&"[a-z0-9][a-z0-9_.:@\\\\-]{1,12}", 20),
            environments: names.into_iter().map(environment).collect(),
            channels: sample(&"[a-z0-9][a-z0-9_./:~+-]{1,12}", 8),
            paths,
            lines: lines.collect(),
            words,
        }
    }

    fn parameters(&self, prefix: &str) -> Value {
        let environments = self
            .environments
            .iter()
            .map(|(name, packages, pip)| json!({ "name": name, "packages": packages, "pip": pip }));
        let file = |path: &String| json!({ "path": path, "content": "x", "owner": "a:b" });
        let mut run: Vec<Value> = self.lines.iter().map(|line| json!(line)).collect();
        run.push(json!([vec!["dump".to_string()], self.words.clone()].concat()));
        // Functions of the program have these names, too.
        run.push(json!(["install", "-n"]));
        run.push(json!(["df"]));
        let installer = json!({ "url": "https://h/$id?a=&b;c", "sha256": "ab".repeat(32) });
        json!({
            "users": [{ "name": "a", "groups": ["b"] }],
            "packages": self.packages, "services": self.services, "run": run,
            "files": self.paths.iter().map(file).collect::<Vec<_>>(),
            "conda": {
                "prefix": prefix, "channels": self.channels,
                "installer": { "x86_64": installer, "aarch64": installer },
                "environments": environments.collect::<Vec<_>>(),
            },
        })
    }
}

#[test]
fn every_program_gets_the_arguments_of_the_parameter_file() {
    let Some(_) = find("bash") else { return };
    let (world, machine) = (World::new(), Machine::new());
    let prefix = world.path("new/conda");
    let prefix = prefix.to_string_lossy().into_owned();
    // With a slash behind it, in a folder that is not there.
    let (fine, said) = world.run(&machine.parameters(&format!("{prefix}/")));
    assert!(fine, "{said}");
    assert!(said.contains("bootseed: READY"), "{said}");

    let with = |first: &[&str], rest: &[String]| [strings(first), rest.to_vec()].concat();
    let apt = ["-o", "DPkg::Lock::Timeout=600", "-o", "Dpkg::Use-Pty=0"];
    let apt = [&["-qy"], &apt[..], &["-o", "Dpkg::Options::=--force-confold"]].concat();
    world.assert_called(
        "apt-get",
        &with(&[&apt[..], &["-f", "install"]].concat(), &machine.packages),
        &said,
    );
    for service in &machine.services {
        world.assert_called("systemctl", &strings(&["enable", "--now", "--", service]), &said);
    }
    world.assert_called("dump", &machine.words, &said);
    for (i, path) in machine.paths.iter().enumerate() {
        let staged = world.path(&format!("state/files/{}", i + 1)).to_string_lossy().into_owned();
        let arguments = ["-To", "a", "-g", "b", "-m", "0644", &staged, path];
        world.assert_called("install", &strings(&arguments), &said);
        let folder = &path[..=path.rfind('/').unwrap()];
        world.assert_called("runuser", &strings(&["-u", "a", "--", "mkdir", "-p", folder]), &said);
    }
    for line in &machine.lines {
        world.assert_called("bash", &strings(&["-eo", "pipefail", "-c", line]), &said);
    }
    conda_was_called(&world, &machine, &prefix, &said);
}

fn conda_was_called(world: &World, machine: &Machine, prefix: &str, said: &str) {
    let curl = world.calls("curl");
    assert!(curl.iter().any(|call| call.contains(&"https://h/$id?a=&b;c".to_string())), "{curl:?}");
    world.assert_called("conda.sh", &strings(&["-bp", prefix]), said);
    let channels: Vec<String> =
        machine.channels.iter().flat_map(|channel| ["-c".to_string(), channel.clone()]).collect();
    for (name, packages, pip) in &machine.environments {
        let has = |name: &str| {
            packages.iter().any(|spec| {
                spec.strip_prefix(name).is_some_and(|rest| {
                    !rest.starts_with(|c: char| c.is_alphanumeric() || "-_.".contains(c))
                })
            })
        };
        let mut arguments = strings(&["create", "-qyn", name, "--override-channels"]);
        arguments.extend(channels.clone());
        arguments.extend((!has("python")).then(|| "python".to_string()));
        arguments.extend(packages.clone());
        arguments.extend((!has("pip")).then(|| "pip".to_string()));
        world.assert_called("conda", &arguments, said);
        let arguments = [strings(&["-m", "pip", "install", "--no-input"]), pip.clone()].concat();
        world.assert_called("python", &arguments, said);
        assert!(Path::new(prefix).join("envs").join(name).join(".bootseed").is_file());
    }
}

/// Everything on, but for the web server, which writes below /etc.
#[test]
fn everything_on_runs_and_nothing_runs_twice() {
    let Some(_) = find("bash") else { return };
    let world = World::new();
    let mut parameters = everything::on();
    parameters.as_object_mut().unwrap().remove("web");
    let installer = json!({ "url": "https://h/x", "sha256": "ab".repeat(32) });
    parameters["conda"]["prefix"] = json!(world.path("conda-here").to_string_lossy());
    parameters["conda"]["installer"] = json!({ "x86_64": installer, "aarch64": installer });
    let (fine, said) = world.run(&parameters);
    assert!(fine && said.contains("bootseed: READY"), "{said}");
    let count = |world: &World| ["conda", "curl", "install"].map(|name| world.calls(name).len());
    let before = count(&world);
    assert!(world.path("run/status.json").is_file());
    let (fine, said) = world.run(&parameters);
    assert!(fine, "{said}");
    assert_eq!(count(&world)[1..], before[1..], "{said}");
    let status = fs::read_to_string(world.path("run/status.json")).unwrap();
    let status: Value = serde_json::from_str(&status).unwrap();
    assert_eq!(status["state"], "ready");
    let steps = status["steps"].as_array().unwrap().iter();
    let steps: Vec<&str> = steps.map(|step| step["step"].as_str().unwrap()).collect();
    let (first, last) = (["files", "packages", "conda", "terms"], ["run:1", "run:2", "verify"]);
    assert!(steps.starts_with(&first) && steps.ends_with(&last), "in their order: {steps:?}");
}

/// A line of bash stops at its first mistake, in a pipe as well; a program is a program, even when
/// the provisioning program has a function of that name.
#[test]
fn commands_are_what_they_say() {
    let Some(_) = find("bash") else { return };
    let world = World::new();
    fs::remove_file(world.path("bin/bash")).unwrap();
    script(&world.path("bin/step"), NOTE.replace("FOLDER", &world.path("").to_string_lossy()));
    let (fine, said) = world.run(&json!({ "run": [["step", "1"]] }));
    assert!(fine, "{said}");
    world.assert_called("step", &strings(&["1"]), &said);
    for line in ["false | cat", "false\ntrue", "exit 3"] {
        let world = World::new();
        fs::remove_file(world.path("bin/bash")).unwrap();
        let (fine, said) = world.run(&json!({ "run": [line] }));
        assert!(!fine && said.contains("FAILED at run:1"), "{line}: {said}");
    }
}

#[test]
fn a_file_that_is_wrong_twice_is_wrong_for_good() {
    let Some(_) = find("bash") else { return };
    let world = World::new();
    let installer = json!({ "url": "https://h/x", "sha256": "cd".repeat(32) });
    let prefix = world.path("conda-here");
    let (fine, said) = world.run(&json!({ "conda": {
        "prefix": prefix.to_string_lossy(), "environments": [{ "name": "x" }],
        "installer": { "x86_64": installer, "aarch64": installer },
    } }));
    let both =
        format!("download of https://h/x has SHA-256 {}, not {}", "ab".repeat(32), "cd".repeat(32));
    assert!(!fine && said.contains("FAILED at conda: FAIL: 2.") && said.contains(&both), "{said}");
    assert_eq!(world.calls("curl").len(), 2);
    assert!(!prefix.exists() && world.calls("conda.sh").is_empty());
}

/// A machine is ready when every step says so, not when none has failed.
#[test]
fn a_chain_that_is_killed_is_no_success() {
    let Some(_) = find("bash") else { return };
    let world = World::new();
    // Its own parent is the step, then comes timeout, then the part that runs beside the rest.
    let killer = "#!/bin/bash
        pid=$PPID
        for generation in 1 2; do pid=$(cut -d' ' -f4 /proc/$pid/stat); done
        kill -9 $pid\n";
    script(&world.path("bin/apt-get"), killer);
    let (fine, said) = world.run(&json!({ "packages": ["tree"] }));
    assert!(!fine && said.contains("bootseed: FAILED at the end"), "{said}");
    assert!(!said.contains("READY"), "{said}");
    let status = fs::read_to_string(world.path("run/status.json")).unwrap();
    assert!(status.contains("\"state\":\"failed\"") && status.contains("running"), "{status}");
}

#[test]
fn every_step_has_a_time_limit() {
    let mut steps = 0;
    for (name, document) in documents() {
        for line in document.program().lines() {
            let Some((_, call)) = line.split_once(" step ").filter(|_| !line.contains('#')) else {
                continue;
            };
            let words: Vec<_> = call.split(' ').collect();
            let Ok(limit) = words[1].parse::<u32>() else { continue };
            assert!((60..=7200).contains(&limit), "{name}: {line}");
            steps += 1;
        }
    }
    assert!(steps > 20, "{steps}");
}
