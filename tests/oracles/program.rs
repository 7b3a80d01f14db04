//! The program on the machine, really run: every program that it starts is a stand-in that notes
//! its arguments, and they have to be those of the parameter file, byte for byte.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::host::have_modules;
use super::values::awkward::{self, sample};
use super::values::document::{self, Document, MACHINE};
use super::values::everything;
use super::values::tools::{plain, said, script, split_nul};

/// Debian's own Python, which the machine has too.
const PYTHON: &str = "/usr/bin/python3";

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
    ("sleep", ""),
    ("hostname", "echo 192.0.2.1"),
    ("sha256sum", "exec /usr/bin/sha256sum \"$@\""),
    ("installer", "mkdir -p \"$3/bin\"; cp FOLDER/conda \"$3/bin\""),
    (
        "conda",
        "case $1 in
        tos) echo \"accepted Terms of Service for ${!#}\" ;;
        create) env=${0%/bin/conda}/envs/$3; mkdir -p \"$env/bin\" \"$env/conda-meta\"
          echo x >\"$env/conda-meta/history\"; cp FOLDER/python \"$env/bin\" ;;
      esac",
    ),
    ("python", ""),
    ("systemd-run", "while [[ $1 == -* ]]; do shift; done; exec \"$@\""),
    // A line of bash of the owner's is noted, not run.
    ("bash", "[ \"$1\" = -eo ] || exec /bin/bash \"$@\""),
];

/// Where the installer is said to be.
const URL: &str = "https://h/$id?a=&b;c";

/// What the program has of the machine's, and where that is in the folder.
const PLACES: &[(&str, &str)] = &[
    ("/etc/bootseed/machine.yaml", "machine.yaml"),
    ("/etc/os-release", "os-release"),
    ("/run/bootseed", "run"),
    ("/var/lib/bootseed", "state"),
    ("/var/log/bootseed.log", "log"),
    ("/dev/console", "console"),
    ("/dev/tty", "tty"),
    ("/var/lib/cloud", "cloud"),
    ("/run/cloud-init", "cloud-init"),
];

/// A machine made of stand-ins, in one folder.
struct World {
    folder: TempDir,
}

impl World {
    fn new() -> World {
        // Conda's prefix may not be below /tmp.
        let folder = tempfile::tempdir_in("/var/tmp").expect("a folder");
        for name in ["calls", "home", "state/files", "cloud/instance/sem"] {
            fs::create_dir_all(folder.path().join(name)).expect("made");
        }
        let world = World { folder };
        fs::write(world.path("os-release"), "ID=debian\n").expect("written");
        for (name, more) in STAND_INS {
            let apart = ["installer", "conda", "python"].contains(name);
            let path = world.path(&format!("{}{name}", if apart { "" } else { "bin/" }));
            script(&path, format!("{NOTE}{more}\n").replace("FOLDER", &world.at("")));
        }
        world
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn at(&self, name: &str) -> String {
        self.path(name).to_string_lossy().into_owned()
    }

    /// The installer, for both architectures, with its own SHA-256 or another one.
    fn installer(&self, sha256: Option<&str>) -> Value {
        let own = Sha256::digest(fs::read(self.path("installer")).expect("there"));
        let own: String = own.iter().map(|byte| format!("{byte:02x}")).collect();
        let installer = json!({ "url": URL, "sha256": sha256.unwrap_or(&own) });
        json!({ "x86_64": installer, "aarch64": installer })
    }

    /// Runs the program of this machine; says what it printed.
    fn run(&self, parameters: &Value) -> (bool, String) {
        let document = document::render(parameters).unwrap_or_else(|r| panic!("{}", r.shown));
        for (path, text, _) in document.files() {
            if let Some(staged) = path.strip_prefix("/var/lib/bootseed/") {
                fs::write(self.path("state").join(staged), text).expect("written");
            }
        }
        fs::write(self.path("machine.yaml"), self.list(&document)).expect("written");
        script(&self.path("program"), self.program(&document));
        // By a relative path, as by hand.
        let output = plain(PYTHON)
            .args(["-I", "program"])
            .current_dir(self.path(""))
            .env("PATH", format!("{}:/usr/bin:/bin", self.at("bin")))
            .output()
            .expect("Python runs");
        let told = ["console", "log"].map(|file| fs::read_to_string(self.path(file)));
        let told = told.map(Result::unwrap_or_default).concat();
        (output.status.success(), said(&output) + &told)
    }

    /// The program, at home in the folder.
    fn program(&self, document: &Document) -> String {
        let mut program = document.program().to_string();
        for (place, name) in PLACES {
            assert!(program.contains(place), "the program has changed: no {place:?}");
            program = program.replace(place, &self.at(name));
        }
        // Others than root test, too; and the host's disks have time.
        program.replace("\"/root\"", &format!("{:?}", self.at("home"))).replace("os.sync()", "None")
    }

    /// What the program is told, with the installer in the folder, on a disk that is large enough.
    fn list(&self, document: &Document) -> String {
        let list = document.file(MACHINE);
        let list = list.replace("/var/lib/bootseed/", &format!("{}/", self.at("state")));
        let list = list.replace(URL, &format!("file://{}", self.at("installer")));
        let small = |line: &str| match line.split_once("disk_mb: ") {
            Some((indent, _)) => format!("{indent}disk_mb: 1\n"),
            None => format!("{line}\n"),
        };
        list.split('\n').map(small).collect()
    }

    fn status(&self) -> Value {
        serde_json::from_slice(&fs::read(self.path("run/status.json")).unwrap()).unwrap()
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

    /// How often a stand-in was called with this as its first argument.
    fn count(&self, name: &str, first: &str) -> usize {
        self.calls(name).iter().filter(|call| call.first().is_some_and(|it| it == first)).count()
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
            let name_fits = |part: &str| !["", ".", ".."].contains(&part) && part.len() < 256;
            path.chars().all(|c| !c.is_control()) && path.split('/').skip(1).all(name_fits)
        };
        let mut paths: Vec<String> = words.iter().map(path).filter(fits).step_by(5).collect();
        paths.push("/in the root".into());
        let environment = |name| {
            let packages =
                sample(&"[a-z_][a-z.-]{0,8}(\\[[ -Z^-~]{0,12}\\]|[<>]=?[0-9*]{1,3})?", 12);
            (name, packages, sample(&"[a-z][a-z0-9]{0,5} ?; ?[!-,.-~]{1,14}", 12))
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

    fn parameters(&self, prefix: &str, installer: Value) -> Value {
        let environments = self
            .environments
            .iter()
            .map(|(name, packages, pip)| json!({ "name": name, "packages": packages, "pip": pip }));
        let file = |path: &String| json!({ "path": path, "content": "x", "owner": "a:b" });
        let mut run: Vec<Value> = self.lines.iter().map(|line| json!(line)).collect();
        run.push(json!([vec!["dump".to_string()], self.words.clone()].concat()));
        // A function of the program has this name, too.
        run.push(json!(["install", "-n"]));
        json!({
            "users": [{ "name": "a", "groups": ["b"] }],
            "packages": self.packages, "services": self.services, "run": run,
            "files": self.paths.iter().map(file).collect::<Vec<_>>(),
            "conda": {
                "prefix": prefix, "channels": self.channels,
                "installer": installer,
                "environments": environments.collect::<Vec<_>>(),
            },
        })
    }
}

#[test]
fn every_program_gets_the_arguments_of_the_parameter_file() {
    if !have_modules(&["yaml"]) {
        return;
    }
    let (world, machine) = (World::new(), Machine::new());
    let prefix = world.at("new/conda");
    // With a slash behind it, in a folder that is not there.
    let parameters = machine.parameters(&format!("{prefix}/"), world.installer(None));
    let (fine, said) = world.run(&parameters);
    assert!(fine, "{said}");
    assert!(said.contains("bootseed: READY 192.0.2.1\n"), "{said}");

    let with = |first: &[&str], rest: &[String]| [strings(first), rest.to_vec()].concat();
    let apt = ["-qy", "-oDPkg::Lock::Timeout=600", "-oDpkg::Use-Pty=0"];
    let install = [&apt[..], &["-oDpkg::Options::=--force-confold", "-f", "install"]].concat();
    world.assert_called("apt-get", &with(&install, &machine.packages), &said);
    for service in &machine.services {
        world.assert_called("systemctl", &strings(&["enable", "--now", "--", service]), &said);
    }
    world.assert_called("dump", &machine.words, &said);
    world.assert_called("install", &strings(&["-n"]), &said);
    for (i, path) in machine.paths.iter().enumerate() {
        // The same file without `//` and `/./`.
        let path: PathBuf = Path::new(path).components().collect();
        let (folder, path) = (path.parent().unwrap().to_str().unwrap(), path.to_str().unwrap());
        let staged = world.at(&format!("state/files/{}", i + 1));
        let arguments = ["-T", "-o", "a", "-g", "b", "-m", "0644", &staged, path];
        world.assert_called("install", &strings(&arguments), &said);
        world.assert_called("runuser", &strings(&["-u", "a", "--", "mkdir", "-p", folder]), &said);
    }
    for line in &machine.lines {
        world.assert_called("bash", &strings(&["-eo", "pipefail", "-c", line]), &said);
    }
    conda_was_called(&world, &machine, &prefix, &said);
}

fn conda_was_called(world: &World, machine: &Machine, prefix: &str, said: &str) {
    let installer = format!("{prefix}.sh");
    world.assert_called("bash", &strings(&[&installer, "-b", "-p", prefix]), said);
    world.assert_called("conda.sh", &strings(&["-b", "-p", prefix]), said);
    assert!(!Path::new(&installer).exists());
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
        for done in [".bootseed", ".bootseed-pip"] {
            assert!(Path::new(prefix).join("envs").join(name).join(done).is_file());
        }
    }
}

/// Everything on, but for the web server, which has to answer.
#[test]
fn everything_on_runs_and_nothing_runs_twice() {
    if !have_modules(&["yaml"]) {
        return;
    }
    let world = World::new();
    let mut parameters = everything::on();
    parameters.as_object_mut().unwrap().remove("web");
    parameters["conda"]["prefix"] = json!(world.at("conda-here"));
    parameters["conda"]["installer"] = world.installer(None);
    // There is no such account here.
    parameters["conda"].as_object_mut().unwrap().remove("owner");
    let (fine, said) = world.run(&parameters);
    assert!(fine && said.contains("bootseed: READY"), "{said}");
    // The terms are accepted again, the services enabled, and everything is looked at.
    let count = |world: &World| {
        let calls = ["bash", "sha256sum", "install", "apt-get"].map(|name| world.calls(name).len());
        (calls, world.count("conda", "create"), world.count("python", "-m"))
    };
    let before = count(&world);
    assert!(
        before.0.iter().all(|calls| *calls > 0) && before.1 == 3 && before.2 == 2,
        "{before:?}"
    );
    let (fine, said) = world.run(&parameters);
    assert!(fine, "{said}");
    assert_eq!(count(&world), before, "{said}");
    let status = world.status();
    assert_eq!(status["state"], "ready");
    let steps = status["steps"].as_array().unwrap().iter();
    let steps: Vec<&str> = steps.map(|step| step["step"].as_str().unwrap()).collect();
    let first = ["files", "upgrade", "packages", "conda", "terms"];
    let last = ["run:1", "run:2", "verify"];
    assert!(steps.starts_with(&first) && steps.ends_with(&last), "in their order: {steps:?}");
}

/// A line of bash stops at its first mistake, in a pipe as well; a program is a program, even when
/// the program on the machine has a function of that name.
#[test]
fn commands_are_what_they_say() {
    if !have_modules(&["yaml"]) {
        return;
    }
    let world = World::new();
    fs::remove_file(world.path("bin/bash")).unwrap();
    script(&world.path("bin/download"), NOTE.replace("FOLDER", &world.at("")));
    let (fine, said) = world.run(&json!({ "run": [["download", "1"]] }));
    assert!(fine, "{said}");
    world.assert_called("download", &strings(&["1"]), &said);
    for line in ["false | cat", "false\ntrue", "exit 3"] {
        let world = World::new();
        fs::remove_file(world.path("bin/bash")).unwrap();
        let (fine, said) = world.run(&json!({ "run": [line] }));
        assert!(!fine && said.contains("FAILED at run:1: exit status"), "{line}: {said}");
        assert_eq!(world.status()["steps"][0]["tries"], 1, "it is not tried again");
    }
}

#[test]
fn a_file_that_is_wrong_twice_is_wrong_for_good() {
    if !have_modules(&["yaml"]) {
        return;
    }
    let world = World::new();
    let prefix = world.path("conda-here");
    let (fine, said) = world.run(&json!({ "conda": {
        "prefix": prefix.to_string_lossy(), "environments": [{ "name": "x" }],
        "installer": world.installer(Some(&"cd".repeat(32))),
    } }));
    let is = world.installer(None)["x86_64"]["sha256"].as_str().unwrap().to_string();
    let wrong = format!("installer has SHA-256 {is}, not {}", "cd".repeat(32));
    assert!(!fine && said.contains("FAILED at conda: ") && said.contains(&wrong), "{said}");
    assert_eq!(world.status()["steps"][0]["tries"], 2);
    // It is looked at once it has been downloaded.
    assert_eq!(world.calls("sha256sum").len(), 2);
    assert!(!prefix.exists() && world.calls("conda.sh").is_empty());
}
