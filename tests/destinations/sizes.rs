//! Every size class, for every destination.

use std::fs;
use std::path::Path;

use bootseed::catalog::Listed;
use bootseed::destination::{Destination, Unit};

use crate::machines::{EC2, LARGE, PACKED, PARTS, huge, sized};
use crate::tools::{bootseed, fails, inspect, render, said, spec, succeeds};

#[test]
fn the_form_gets_text_up_to_the_limit_and_base64_of_gzip_beyond() {
    let folder = tempfile::tempdir().unwrap();
    for bytes in [12_000, EC2] {
        let file = sized(folder.path(), bytes);
        let form = render(&file, &[&["--for", "aws-form"][..], &PACKED].concat());
        assert_eq!(form, render(&file, &PACKED), "{bytes}");
    }
    let file = sized(folder.path(), EC2 + 1);
    let mut command = bootseed(&["render", &file, "--for", "aws-form"]);
    let output = command.args(PACKED).output().unwrap();
    assert!(said(&output).contains("already been base64 encoded"), "{}", said(&output));
    assert!(output.stdout.is_ascii() && !output.stdout.contains(&b'\n'));
    assert!(output.stdout.starts_with(b"H4sI"));
    fs::write(folder.path().join("form"), &output.stdout).unwrap();
    let found = inspect(&folder.path().join("form"));
    assert_eq!(found["layers"][1]["bytes"], EC2 + 1);
    assert_eq!(found["warnings"], serde_json::json!([]));
}

#[test]
fn too_much_is_refused_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let (file, out) = (huge(folder.path()), folder.path().join("out"));
    fs::write(&out, "before").unwrap();
    for name in
        ["aws-form", "aws-cli", "aws-launch-template", "cloudformation", "terraform", "tfvars"]
    {
        let mut command = bootseed(&["render", &file, "--for", name, "-o"]);
        let said = fails(command.arg(&out), 1);
        assert!(said.contains("takes 16384 bytes before base64, this has "), "{said}");
        assert!(said.contains("before compression"), "{said}");
        for largest in ["  files[0]\n", "bootseed's own program", "progress page", "  web\n"] {
            assert!(said.contains(largest), "{largest}: {said}");
        }
        let listed = said.lines().filter(|line| line.starts_with("    "));
        let bytes: Vec<usize> =
            listed.map(|line| line.split_whitespace().next().unwrap().parse().unwrap()).collect();
        assert_eq!(bytes.len(), 5, "{said}");
        let whole = render(&file, &["--for", "mime"]).len();
        assert!(bytes.iter().sum::<usize>() < whole, "{said}");
        assert!(said.contains("fetching files[0] from a URL"), "{said}");
        assert!(said.contains("azure, gcp"), "{said}");
        assert_eq!(fs::read(&out).unwrap(), b"before");
    }
    let said = fails(
        bootseed(&["render", &sized(folder.path(), EC2 + 1), "--for", "aws-form"])
            .args(["--compress", "never"])
            .args(PACKED),
        1,
    );
    assert!(said.contains("this has 16385") && said.contains("--compress auto"), "{said}");
    let said =
        fails(&mut bootseed(&["render", "--for", "digitalocean", "--compress", "always"]), 2);
    assert!(said.contains("no compressed"), "{said}");
}

/// Only what makes it fit is offered: one large file moved, two of them, or none where the many
/// commands are too much by themselves.
#[test]
fn only_what_helps_is_offered() {
    let folder = tempfile::tempdir().unwrap();
    let noise = |seed: u64, bytes: usize| {
        let (mut state, mut text) = (seed, String::new());
        while text.len() < bytes {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            text += &format!("{:x}", state >> 33);
        }
        text
    };
    let file = |seed: u64| {
        let content = noise(seed, 31_000 - 1_000 * usize::try_from(seed).unwrap());
        format!("- {{path: /srv/{seed}, content: \"{content}\"}}\n")
    };
    let runs: String = (0..900).map(|seed| format!("- echo {}\n", noise(seed, 60))).collect();
    let packages: String = (0..4_000).map(|i| format!("- pkg{i}x{}\n", noise(i, 8))).collect();
    for (text, offered, largest) in [
        (format!("files:\n{}", file(1)), Some("fetching files[0] from a URL"), "files[0]"),
        (
            format!("files:\n{}{}", file(1), file(2)),
            Some("fetching files[0] and files[1] from a URL"),
            "files[1]",
        ),
        (format!("run:\n{runs}"), None, "run, 900 items"),
        (format!("packages:\n{packages}files:\n{}", file(1)), None, "packages"),
    ] {
        let said =
            fails(&mut bootseed(&["render", &spec(folder.path(), &text), "--for=linode"]), 1);
        assert!(said.contains(&format!("  {largest}\n")), "{said}");
        match offered {
            Some(offered) => assert!(said.contains(offered), "{said}"),
            None => assert!(!said.contains("from a URL"), "{said}"),
        }
    }
    let plain = ["render", "--for=linode", "--program=plain", "--compress=never"];
    let said = fails(&mut bootseed(&plain), 1);
    assert!(said.contains("--program packed") && said.contains("--compress auto"), "{said}");
}

/// What is delivered is what `inspect` finds again, and the same bytes every time.
#[test]
fn every_destination_is_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let file = spec(folder.path(), PARTS);
    for destination in Destination::ALL {
        let name = destination.name();
        for (source, alone) in
            [(&["--preset", "hello_cju"][..], true), (&[file.as_str()][..], false)]
        {
            if !alone && !destination.parts {
                continue;
            }
            let out = folder.path().join(name);
            let _ = fs::remove_dir_all(&out);
            fs::create_dir(&out).unwrap();
            let mut command = bootseed(&["render", "--for", name, "-o"]);
            succeeds(command.arg(&out).args(source));
            let user_data = fs::read_dir(&out).unwrap().map(|file| file.unwrap().path());
            let user_data = user_data.filter(|file| {
                let name = file.file_name().unwrap().to_string_lossy();
                !["meta-data", "network-config", "main.tf"].contains(&&*name)
            });
            let mut user_data: Vec<_> = user_data.collect();
            // A request for the AWS CLI names a compressed file beside it.
            let packed = |file: &Path| file.extension().is_some_and(|ending| ending == "gz");
            if name == "aws-cli" && user_data.iter().any(|file| packed(file)) {
                user_data.retain(|file| packed(file));
            }
            assert_eq!(user_data.len(), 1, "{user_data:?}");
            let found = inspect(&user_data[0]);
            let kinds: Vec<&str> = found["parts"]
                .as_array()
                .unwrap()
                .iter()
                .map(|part| part["kind"].as_str().unwrap())
                .collect();
            let expected: &[&str] = if alone {
                &["cloud-config"]
            } else {
                &["cloud-config", "script", "script", "boothook"]
            };
            assert_eq!(kinds, expected, "{name}: {found:#}");
            assert_eq!(found["warnings"], serde_json::json!([]), "{name}");
            assert!(found["fits"].as_array().unwrap().contains(&name.into()), "{name}: {found:#}");
            let before = fs::read(&user_data[0]).unwrap();
            let mut command = bootseed(&["render", "--for", name, "-o"]);
            succeeds(command.arg(&out).args(source));
            assert!(before == fs::read(&user_data[0]).unwrap(), "{name} differs");
        }
    }
}

/// What is left of a run whose user-data was compressed, or was not, is named.
#[test]
fn files_of_an_earlier_run_are_named() {
    let folder = tempfile::tempdir().unwrap();
    for (name, small, large) in [
        ("terraform", "user-data.yaml", "user-data.gz"),
        ("openstack", "user-data", "user-data.gz"),
        ("aws-cli", "run-instances.json", "user-data.gz"),
    ] {
        let out = folder.path().join(name);
        fs::create_dir(&out).unwrap();
        let run = |compress: &str| {
            let mut command = bootseed(&["render", "--for", name, "--compress", compress, "-o"]);
            said(&command.arg(&out).output().unwrap())
        };
        assert!(!run("always").contains("not of this run"), "{name}");
        let gone = run("never");
        assert!(gone.contains(&format!("{large} is not of this run")), "{name}: {gone}");
        fs::remove_file(out.join(large)).unwrap();
        assert!(!run("never").contains("not of this run"), "{name}");
        let gone = run("always").contains(&format!("{small} is not of this run"));
        assert_eq!(gone, name != "aws-cli", "{name}");
    }
}

/// Only who names no destination is told that EC2 would not take it.
#[test]
fn the_size_for_ec2_is_said_where_it_may_matter() {
    let folder = tempfile::tempdir().unwrap();
    let file = sized(folder.path(), LARGE);
    for (arguments, told) in [(&[][..], true), (&["--for", "multipass"][..], false)] {
        let mut command = bootseed(&["render", &file]);
        let output = command.args(arguments).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr).contains("EC2"), told, "{arguments:?}");
    }
}

/// Every destination with a limit takes so many bytes and not one more.
#[test]
fn every_limit_is_exact() {
    let folder = tempfile::tempdir().unwrap();
    for destination in Destination::ALL {
        let Some(limit) = destination.limit else { continue };
        let most = match limit.unit {
            Unit::Raw | Unit::Sent => limit.bytes,
            Unit::Base64 => limit.bytes / 4 * 3,
        };
        let render = |bytes: usize, out: &str| {
            let mut command = bootseed(&["render", &sized(folder.path(), bytes), "--compress"]);
            command.args(["never", "--for", destination.name, "-o"]).arg(folder.path().join(out));
            command.args(PACKED);
            command.output().unwrap()
        };
        let name = destination.name;
        let output = render(most, name);
        assert!(output.status.success(), "{name}: {}", said(&output));
        let output = render(most + 1, &format!("{name}-large"));
        assert_eq!(output.status.code(), Some(1), "{name}: {}", said(&output));
        let expected = format!("{name} takes {} bytes {}", limit.bytes, limit.unit);
        assert!(said(&output).contains(&expected), "{name}: {}", said(&output));
        assert!(!folder.path().join(format!("{name}-large")).exists(), "{name}");
    }
}

#[test]
fn one_cloud_config_where_nothing_else_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let said =
        fails(&mut bootseed(&["render", &spec(folder.path(), PARTS), "--for", "multipass"]), 1);
    assert!(said.contains("multipass takes one cloud-config"), "{said}");
}

#[test]
fn short_names_are_long_enough_for_a_launch_template() {
    let text = render("--preset=static", &["--set", "hostname=a", "--for", "aws-launch-template"]);
    let template: serde_json::Value = serde_json::from_slice(&text).unwrap();
    assert_eq!(template["LaunchTemplateName"], "bootseed-a");
}

/// What cloud-init does to the line ends of scripts in a message, it does not do to those in files.
#[test]
fn parts_written_on_windows_are_run() {
    let folder = tempfile::tempdir().unwrap();
    for kind in ["script", "per-boot"] {
        fs::write(folder.path().join("a.sh"), "\u{feff}#!/bin/sh\r\necho a\r\n").unwrap();
        let text = format!("parts: [{{kind: {kind}, from: a.sh}}]\n");
        let document = String::from_utf8(render(&spec(folder.path(), &text), &[])).unwrap();
        assert!(document.contains("#!/bin/sh\n"), "{document}");
        assert!(!document.contains('\r') && !document.contains('\u{feff}'), "{document}");
    }
}

#[test]
fn parts_that_a_machine_would_lose_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    for (parts, words) in [
        ("{kind: boothook, content: echo}", "must begin with `#!`"),
        ("{kind: boothook, content: \"#cloud-boothook\\necho\"}", "must begin with `#!`"),
        ("{kind: script, name: runcmd, content: \"#!/bin/sh\"}", "its own script of this name"),
        (
            "{kind: script, name: part-002, content: \"#!a\"}, {kind: script, content: \"#!a\"}",
            "two parts have this name",
        ),
    ] {
        let file = spec(folder.path(), &format!("parts: [{parts}]\n"));
        let said = fails(&mut bootseed(&["render", &file]), 1);
        assert!(said.contains(words), "{said}");
    }
}
