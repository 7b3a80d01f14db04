//! Runs that are killed: what others have in the place is not touched, each file is the old or the
//! new one, and the next run leaves nothing behind and nothing out.

use std::io::{Write, stderr};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::Test;
use crate::class::{Class, add_foreign, check_foreign, check_room, room};
use crate::host::have;

pub(crate) const TESTS: &[Test] = &[
    ("killed_at_any_moment", killed_at_any_moment),
    ("killed_at_any_moment_where_nothing_was", killed_where_nothing_was),
    ("killed_before_any_system_call", || before_any_call(false)),
    ("killed_before_any_system_call_when_files_go", || before_any_call(true)),
];

const TIMES: u32 = 200;

/// Kills a run `part` of the usual time after its start; `false` if it had ended.
fn kill_after(class: Class, place: &Path, usual: Duration, part: u32) -> bool {
    let mut run = class.command(place, &[]).stderr(Stdio::null()).spawn().unwrap();
    sleep(usual * part / TIMES);
    run.kill().unwrap();
    run.wait().unwrap().signal().is_some()
}

/// How long a run takes that is not killed: the median, since a single one may have to wait.
fn usual(classes: &[Class], place: &Path) -> Duration {
    let run = |class: &Class| {
        let start = Instant::now();
        assert!(class.command(place, &[]).stderr(Stdio::null()).status().unwrap().success());
        start.elapsed()
    };
    let mut times: Vec<Duration> = classes.iter().cycle().take(7).map(run).collect();
    times.sort();
    times[times.len() / 2]
}

fn killed_at_any_moment() {
    let (room, place) = room();
    let classes = [Class::new(0, 120), Class::new(1, 120)];
    classes[0].run(&place).unwrap();
    add_foreign(&place);
    let usual = usual(&classes, &place);
    let (mut old, mut killed) = (0, 0);
    for part in 0..TIMES {
        let (before, after) = (classes[old], classes[1 - old]);
        // The second one puts in order what the first has left, and is killed too.
        for part in [part, part * 7 % TIMES] {
            killed += u32::from(kill_after(after, &place, usual, part));
            check_each_file(before, after, &place);
        }
        after.run(&place).unwrap();
        after.check(&place);
        check_foreign(&place);
        check_room(room.path());
        old = 1 - old;
    }
    assert!(killed > TIMES / 4, "only {killed} runs were killed");
}

fn killed_where_nothing_was() {
    let (room, place) = room();
    let class = Class::new(0, 60);
    let usual = usual(&[class], &place);
    for part in 0..TIMES / 4 {
        std::fs::remove_dir_all(&place).unwrap();
        kill_after(class, &place, usual, part * 4);
        class.run(&place).unwrap();
        class.check(&place);
        check_room(room.path());
    }
}

/// The system calls that change something, by their names on any computer; a file that is opened anew
/// has nothing in it yet.
const CALLS: &[&str] = &[
    "?mkdir,?mkdirat",
    "write",
    "fsync",
    "?rename,?renameat,?renameat2",
    "?unlink,?rmdir,unlinkat",
];

fn before_any_call(pruned: bool) {
    if !have(&["strace"]) {
        return;
    }
    let kills =
        CALLS.iter().map(|call| (1..).take_while(|nth| kill_before(pruned, call, *nth)).count());
    let kills: Vec<usize> = kills.collect();
    assert!(kills.iter().all(|count| *count > 0), "{kills:?}");
    let _ = writeln!(stderr(), "killed before each of so many calls: {kills:?}");
}

/// Kills a run before the `nth` call of a kind; `false` if it has no more as many.
fn kill_before(pruned: bool, call: &str, nth: usize) -> bool {
    let (room, place) = room();
    let (before, mut after) = (Class::new(0, 7), Class::new(1, 7));
    before.run(&place).unwrap();
    add_foreign(&place);
    after.prune = pruned;
    let kill = format!("inject={call}:signal=SIGKILL:when={nth}");
    let strace = ["strace", "-qq", "-o", "/dev/null", "-e", &kill];
    let status = after.command(&place, &strace).stderr(Stdio::null()).status().unwrap();
    assert!(status.success() || status.signal() == Some(9), "{call} {nth}: {status}");
    check_each_file(before, after, &place);
    after.run(&place).unwrap();
    after.check(&place);
    check_foreign(&place);
    check_room(room.path());
    !status.success()
}

/// Each file is an old or a new one.
fn check_each_file(before: Class, after: Class, place: &Path) {
    check_foreign(place);
    for number in 0..14 {
        for ((name, old), (_, new)) in before.files(number).iter().zip(after.files(number)) {
            if let Ok(text) = std::fs::read_to_string(place.join(name)) {
                assert!(text == *old || text == new, "{name}");
            }
        }
    }
}
