//! Where `-o` writes: into what is no file, behind links, never over what is somebody else's, and
//! all of a result or nothing.

#![allow(clippy::unwrap_used)]

mod host;

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::Duration;

use bootseed::catalog::Listed;
use bootseed::destination::Destination;
use rustix::fs::{CWD, FileType, Mode, mknodat};
use tempfile::TempDir;

/// A folder with the parameter file `class.yaml`, in which the program runs.
struct Room(TempDir);

const CLASS: &str = "hostname: lab\nweb: {index: hello}\n";

impl Room {
    fn new() -> Room {
        let room = Room(tempfile::tempdir().unwrap());
        room.write("class.yaml", CLASS);
        room
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        fs::write(self.path(name), text).unwrap();
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    fn mode(&self, name: &str) -> u32 {
        fs::metadata(self.path(name)).unwrap().mode() & 0o7777
    }

    fn node(&self, name: &str, kind: FileType, device: u64) -> bool {
        mknodat(CWD, self.path(name), kind, Mode::from_raw_mode(0o666), device).is_ok()
    }

    /// A line of bash, in which the program is `bootseed`.
    fn shell(&self, line: &str) -> Output {
        let program = env!("CARGO_BIN_EXE_bootseed");
        let line = format!("bootseed() {{ '{program}' \"$@\"; }}\n{line}");
        Command::new("bash").args(["-c", &line]).current_dir(&self.0).output().unwrap()
    }

    fn run(&self, words: &str) -> (i32, String) {
        let output = self.shell(&format!("umask 022; bootseed {words}"));
        let said = String::from_utf8(output.stderr).unwrap();
        (output.status.code().unwrap(), said.trim_end().to_owned())
    }

    fn fine(&self, words: &str) {
        let (code, said) = self.run(words);
        assert_eq!(code, 0, "{words}: {said}");
    }

    /// Runs it, and expects these words and every file as it was.
    fn refused(&self, words: &str, expected: &str) {
        let before = self.files();
        let (code, said) = self.run(words);
        assert_eq!(code, 2, "{words}: {said}");
        assert!(said.contains(expected), "{words}: {said}");
        assert!(!said.contains(".tmp"), "{words}: {said}");
        assert_eq!(self.files(), before, "{words}");
    }

    /// Every file with its bytes, and every folder.
    fn files(&self) -> Vec<(PathBuf, Option<Vec<u8>>)> {
        let (mut found, mut folders) = (Vec::new(), vec![self.0.path().to_owned()]);
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path.clone());
                }
                found.push((path.clone(), fs::read(&path).ok().filter(|_| path.is_file())));
            }
        }
        found.sort();
        found
    }
}

fn is_user_data(text: &str) -> bool {
    text.starts_with("#cloud-config\n") && text.ends_with('\n')
}

#[test]
fn what_is_no_file_gets_the_bytes_and_stays() {
    let room = Room::new();
    assert!(room.node("pipe", FileType::Fifo, 0));
    let pipe = room.path("pipe");
    for place in ["pipe", "link"] {
        let reader = thread::spawn({
            let pipe = pipe.clone();
            move || fs::read_to_string(pipe).unwrap()
        });
        room.fine(&format!("render class.yaml -o {place}"));
        assert!(is_user_data(&reader.join().unwrap()));
        assert!(!fs::metadata(&pipe).unwrap().is_file());
        if place == "pipe" {
            symlink("pipe", room.path("link")).unwrap();
        }
    }
    // The device that takes everything.
    if room.node("null", FileType::CharacterDevice, rustix::fs::makedev(1, 3))
        && fs::write(room.path("null"), "").is_ok()
    {
        room.fine("render class.yaml -o null");
        assert_eq!(fs::metadata(room.path("null")).unwrap().rdev(), rustix::fs::makedev(1, 3));
    }
}

#[test]
fn open_files_are_written_to_where_they_are() {
    let room = Room::new();
    room.write("log", "before\n");
    for line in [
        "bootseed render class.yaml -o /dev/stdout >>log",
        "bootseed render class.yaml -o /dev/fd/3 3>>log",
        "bootseed render class.yaml -o >(cat >>log); wait $!",
        "bootseed render class.yaml -o /dev/stdout | cat >>log",
        "bootseed render class.yaml -o /proc/self/fd/1 >>log",
        "bootseed init -o /dev/stdout >>log",
    ] {
        room.write("log", "before\n");
        let output = room.shell(line);
        assert!(output.status.success(), "{line}: {output:?}");
        let log = room.read("log");
        let rest = log.strip_prefix("before\n").unwrap();
        assert!(is_user_data(rest) || rest.starts_with("# "), "{line}: {log}");
    }
    let output = room.shell("bootseed render class.yaml -o /dev/stdout | head -c 9");
    assert_eq!(output.stdout, b"#cloud-co");
    assert!(output.stderr.is_empty(), "{output:?}");
}

#[test]
fn links_are_followed() {
    let room = Room::new();
    fs::create_dir(room.path("other")).unwrap();
    for (name, target) in [("a", "other/a"), ("b", "c"), ("c", "other/c")] {
        symlink(target, room.path(name)).unwrap();
    }
    for (link, file) in [("a", "other/a"), ("b", "other/c")] {
        for _ in 0..2 {
            room.fine(&format!("render class.yaml -o {link}"));
            assert!(fs::symlink_metadata(room.path(link)).unwrap().is_symlink());
            assert!(is_user_data(&room.read(file)));
        }
    }
    symlink("nodir/x", room.path("far")).unwrap();
    symlink("round", room.path("round")).unwrap();
    room.refused("render class.yaml -o far", "nodir does not exist; make it first");
    room.refused("render class.yaml -o round", "round leads round in a circle");
}

#[test]
fn an_existing_file_keeps_its_mode_and_its_names() {
    let room = Room::new();
    room.fine("render class.yaml -o one");
    assert_eq!(room.mode("one"), 0o644);
    room.shell("umask 077; bootseed render class.yaml -o closed");
    assert_eq!(room.mode("closed"), 0o600);
    fs::hard_link(room.path("one"), room.path("two")).unwrap();
    fs::set_permissions(room.path("one"), Permissions::from_mode(0o640)).unwrap();
    room.fine("render class.yaml --set hostname=new -o one");
    assert!(room.read("two").contains("hostname: new"));
    assert_eq!((room.mode("two"), fs::metadata(room.path("one")).unwrap().nlink()), (0o640, 2));
    for mode in [0o600, 0o640, 0o755] {
        fs::set_permissions(room.path("closed"), Permissions::from_mode(mode)).unwrap();
        room.fine("render class.yaml -o closed");
        assert_eq!(room.mode("closed"), mode);
    }
}

#[test]
fn what_holds_a_secret_is_closed() {
    let room = Room::new();
    room.write("mine.yaml.j2", "#cloud-config\nhostname: {{ name }}\n");
    room.write("values.yaml", "name: x\n");
    let secrets = [
        "'cloud_config={password: x}'",
        "'cloud_config={chpasswd: {users: [{name: kim, password: x, type: text}]}}'",
        "'cloud_config={ssh_keys: {rsa_private: x}}'",
        "'cloud_config={user: {name: kim, passwd: x}}'",
        "'users=[{name: kim, password: x}]'",
    ];
    let renders = secrets.map(|secret| format!("render class.yaml --set {secret}"));
    let own = "render --template mine.yaml.j2 --params values.yaml".to_owned();
    for (number, words) in renders.iter().chain([&own]).enumerate() {
        let (new, old) = (format!("new-{number}"), format!("old-{number}"));
        room.write(&old, "");
        fs::set_permissions(room.path(&old), Permissions::from_mode(0o644)).unwrap();
        for place in [&new, &old] {
            room.fine(&format!("{words} -o {place}"));
            assert_eq!(room.mode(place), 0o600, "{words}");
        }
    }
}

#[test]
fn inputs_are_not_overwritten() {
    let room = Room::new();
    room.write("page.html", "<h1>");
    room.write("web.yaml", "files: [{path: /srv/a, from: page.html}]\n");
    room.write("part.yaml", "parts: [{kind: script, from: run.sh}]\n");
    room.write("run.sh", "#!/bin/sh\n");
    room.write("environment.yml", "name: x\ndependencies: [python]\n");
    room.write("conda.yaml", "conda: {environments: [{file: environment.yml}]}\n");
    room.write("mine.yaml.j2", "#cloud-config\nhostname: {{ name }}\n");
    room.write("values.yaml", "name: x\n");
    fs::create_dir_all(room.path("folder/web")).unwrap();
    room.write("folder/web/nginx.conf.j2", "x\n");
    symlink("class.yaml", room.path("soft")).unwrap();
    fs::hard_link(room.path("class.yaml"), room.path("hard")).unwrap();
    let read = "is read by this run and would be overwritten";
    for words in [
        "render class.yaml -o class.yaml",
        "render class.yaml -o ./folder/../class.yaml",
        "render class.yaml -o soft",
        "render class.yaml -o hard",
        "render - -o class.yaml <class.yaml",
        "render web.yaml -o page.html",
        "render part.yaml -o run.sh",
        "render conda.yaml -o environment.yml",
        "render --template mine.yaml.j2 --params values.yaml -o mine.yaml.j2",
        "render --template mine.yaml.j2 --params values.yaml -o values.yaml",
        "render class.yaml --templates folder -o folder/web/nginx.conf.j2",
    ] {
        room.refused(words, read);
    }
    room.fine("render class.yaml -o hard --force");
    assert!(is_user_data(&room.read("class.yaml")));
}

#[test]
fn what_bootseed_did_not_make_is_not_overwritten() {
    let room = Room::new();
    let theirs = "was not made by bootseed; choose another name, or overwrite it with --force";
    room.write("homework.docx", "PK\u{3}\u{4} chapter one");
    room.write("mine", "#cloud-config\nhostname: mine\n");
    room.refused("render class.yaml -o homework.docx", theirs);
    room.refused("render class.yaml -o mine", theirs);
    room.refused("init -o mine", "mine is there already; choose another name");
    room.fine("render class.yaml -o mine --force");
    room.fine("render class.yaml --set hostname=other -o mine");
    room.write("empty", "");
    room.fine("render class.yaml -o empty");
    // Several files: all or none.
    room.write("tf/main.tf", "resource \"x\" \"y\" {}\n");
    room.refused("render class.yaml --for terraform -o tf", theirs);
    room.fine("render class.yaml --for terraform -o tf --force");
    room.write("parts/part-001", "mine\n");
    room.refused("inspect mine --extract parts", theirs);
    room.refused("inspect mine --extract mine", "is not a folder");
}

#[test]
fn its_own_results_are_overwritten_for_every_destination() {
    let room = Room::new();
    let large = format!("run: ['echo {}']\n", "x".repeat(20_000));
    room.write("large.yaml", &large);
    for destination in Destination::ALL {
        let name = destination.name();
        for file in ["class.yaml", "large.yaml"] {
            for more in ["--program plain", "--set packages=[git]"] {
                let words = format!("render {file} --for {name} {more} -o out-{name}/");
                fs::create_dir_all(room.path(&format!("out-{name}"))).unwrap();
                let (code, said) = room.run(&words);
                assert!(code < 2, "{words}: {said}");
            }
        }
        let made = fs::read_dir(room.path(&format!("out-{name}"))).unwrap().count();
        assert!(made > 0, "{name}");
    }
}

#[test]
fn a_place_that_cannot_be_is_named() {
    let room = Room::new();
    for (words, expected) in [
        ("-o nodir/x", "nodir does not exist; make it first, or name another folder"),
        ("-o nodir/deep/x", "nodir/deep does not exist"),
        ("-o new/", "new/ does not exist"),
        ("-o class.yaml/x", "class.yaml is not a folder"),
        ("--for terraform", "name a folder with -o DIR"),
        ("--for terraform -o main.tf", "main.tf is no name for a folder"),
        ("--for nocloud -o seed.iso", "seed.iso is no name for a folder"),
        ("--for nocloud -o user-data", "user-data is no name for a folder"),
        ("--for terraform -o class.yaml", "class.yaml is not a folder"),
    ] {
        room.refused(&format!("render class.yaml {words}"), expected);
    }
    fs::create_dir(room.path("dir")).unwrap();
    room.refused("init -o dir", "dir is there already");
    fs::create_dir_all(room.path("tf/main.tf")).unwrap();
    room.refused("render class.yaml --for terraform -o tf", "main.tf is a folder");
    room.fine("render class.yaml -o dir");
    assert!(is_user_data(&room.read("dir/user-data")));
    room.fine("render class.yaml --for terraform -o main.tf/");
}

#[test]
fn several_files_appear_together_or_not_at_all() {
    let room = Room::new();
    // A file system that has room for one of the two, where that can be made.
    fs::create_dir(room.path("small")).unwrap();
    let program = env!("CARGO_BIN_EXE_bootseed");
    let script = format!(
        "mount -t tmpfs -o size=8k none small &&
         {program} render class.yaml --for terraform -o small/out; ls -A small\n"
    );
    room.write("script", &script);
    let output = room.shell("unshare -m bash script");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if said.contains("No space left") {
        assert!(output.stdout.is_empty(), "{output:?}");
    } else {
        host::left_out("a disk that is full");
        assert!(said.contains("unshare") || said.contains("mount"), "{said}");
    }
}

#[test]
fn what_was_written_is_said_on_a_terminal_only() {
    let room = Room::new();
    let (_, said) = room.run("render class.yaml -o quiet");
    assert_eq!(said, "");
    let program = env!("CARGO_BIN_EXE_bootseed");
    let line =
        format!("script -qec \"{program} render class.yaml -o loud && sleep 1\" log </dev/null");
    if room.shell(&line).status.success() {
        let size = room.read("loud").len();
        let expected = format!("wrote loud ({},{:03} bytes)", size / 1000, size % 1000);
        assert!(room.read("log").contains(&expected), "{}", room.read("log"));
    }
}

fn end(child: &mut Child, signal: rustix::process::Signal) {
    let id = rustix::process::Pid::from_child(child);
    let _ = rustix::process::kill_process(id, signal);
    child.wait().unwrap();
}

fn started(folder: &Path, words: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bootseed"));
    command.args(words).current_dir(folder).stderr(Stdio::null()).spawn().unwrap()
}

#[test]
fn a_signal_leaves_nothing_unfinished() {
    use rustix::process::Signal;
    let room = Room::new();
    let words = ["render", "class.yaml", "--for", "terraform", "-o", "out"];
    for round in 0..120_u64 {
        let mut child = started(room.0.path(), &words);
        thread::sleep(Duration::from_micros(round * 200));
        end(&mut child, if round % 2 == 0 { Signal::INT } else { Signal::TERM });
        let name = |path: &Path| path.strip_prefix(room.0.path()).unwrap().display().to_string();
        let names: Vec<String> = room.files().iter().map(|file| name(&file.0)).collect();
        assert!(!names.iter().any(|name| name.contains(".tmp")), "{round}: {names:?}");
        assert!(matches!(names.len(), 1 | 4), "{round}: {names:?}");
        let _ = fs::remove_dir_all(room.path("out"));
    }
    // Nobody reads.
    room.node("pipe", FileType::Fifo, 0);
    let mut child = started(room.0.path(), &["render", "class.yaml", "-o", "pipe"]);
    thread::sleep(Duration::from_millis(100));
    end(&mut child, Signal::INT);
}
