//! What is read of shell text.

use super::*;

fn shown(text: &str) -> Vec<String> {
    let script = parse(text);
    let one = |command: &Command| {
        let words: Vec<&str> = command.words.iter().map(|word| word.text.as_str()).collect();
        words.join(" ")
    };
    script.commands.iter().map(one).collect()
}

#[test]
fn commands_are_taken_apart() {
    for (text, expected) in [
        ("ls -l; echo 'a b' \"c $D\"", &["ls -l", "echo a b c $D"][..]),
        ("a && b || c & d | e", &["a", "b", "c", "d", "e"]),
        ("A=1 B=2 run x >out 2>&1", &["run x"]),
        ("if a; then b; else c; fi; d", &["a", "b", "c", "d"]),
        ("echo $(date +%s) `id -u`", &["date +%s", "id -u", "echo $(date +%s) `id -u`"]),
        ("cat <<EOF | sh\nrm x\nEOF\nls", &["cat", "sh", "ls"]),
        ("case $a in x) b;; *) c;; esac", &["b", "c"]),
        ("f() { a; }\nf", &["a", "f"]),
        ("a # b\nc\\\n d", &["a", "c d"]),
        ("(a; b) & c", &["a", "b", "c"]),
        ("echo 'never closed", &["echo never closed"]),
        ("diff <(a b) c", &["a b", "diff <(a b) c"]),
        ("x=$((1 + 2)); y", &["", "y"]),
    ] {
        assert_eq!(shown(text), expected, "{text}");
    }
}

#[test]
fn places_and_joints_are_known() {
    let text = "a && curl -s x | sh &";
    let script = parse(text);
    let ranges: Vec<&str> =
        script.commands.iter().map(|command| &text[command.range.clone()]).collect();
    assert_eq!(ranges, ["a", "curl -s x", "sh"]);
    let [a, curl, sh] = &script.commands[..] else { panic!("{script:?}") };
    assert_eq!((a.next, curl.next, sh.next), (Next::And, Next::Pipe, Next::Background));
    assert!(!a.conditional && curl.conditional && sh.piped && !curl.piped);
    let script = parse("echo $(a b)");
    assert_eq!(script.commands[0].range, 7..10);
    assert!(script.commands[0].substituted && !script.commands[1].substituted);
}

#[test]
fn loops_are_known_with_what_they_repeat() {
    let script = parse("until a -x; do sleep 5; done; for i in 1 2; do b; done");
    let found: Vec<_> = script
        .loops
        .iter()
        .map(|one| (one.keyword, one.condition.clone(), one.body.clone()))
        .collect();
    assert_eq!(found, [("until", 0..1, 1..2), ("for", 2..3, 3..4)]);
    assert!(script.commands[0].condition);
}

#[test]
fn a_program_is_known_behind_others() {
    for (text, program) in [
        ("sudo -u ann -H env A=1 /usr/bin/apt-get install x", "apt-get"),
        ("nohup nice -n 5 node app.js", "node"),
        ("", ""),
    ] {
        let script = parse(text);
        assert_eq!(script.commands.first().map_or("", Command::program), program, "{text}");
    }
    let script = parse("sudo -u ann bash -lc 'ls ~'");
    assert_eq!(script.commands[0].inner().unwrap().text, "ls ~");
    assert_eq!(script.commands[0].user().unwrap().text, "ann");
}

#[test]
fn what_ends_a_boot_or_waits_for_itself_is_known() {
    for (line, ending) in [
        ("sudo reboot", Some(Ending::Reboot)),
        ("/sbin/shutdown -r now", Some(Ending::Reboot)),
        ("shutdown -h now", Some(Ending::Poweroff)),
        ("shutdown -c", None),
        ("systemctl restart nginx", None),
    ] {
        assert_eq!(ends_boot(&parse(line).commands[0]), ending, "{line}");
    }
    for (line, wanted) in [
        ("sudo /usr/bin/cloud-init status -w --long", true),
        ("cloud-init status", false),
        ("timeout 60 cloud-init status --wait", false),
    ] {
        assert_eq!(waits_for_cloud_init(&parse(line).commands[0]), wanted, "{line}");
    }
}

#[test]
fn nothing_makes_it_fail() {
    for text in ["$(", "`", "\"", "${", "<<", "a <<", "((", ")", "do done fi }", "<(", "$((", "\\"]
    {
        parse(text);
        parse(&text.repeat(200));
    }
}
