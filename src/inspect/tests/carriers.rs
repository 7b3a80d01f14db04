//! What is around user-data on its way to a machine: requests, templates, drives.

use serde_json::json;

use super::*;

const SCRIPT: &str = "#!/bin/sh\necho 안녕\n";

fn base64(bytes: impl AsRef<[u8]>) -> String {
    STANDARD.encode(bytes)
}

fn used(found: &Inspection) -> Vec<&[u8]> {
    let used = found.parts.iter().filter(|part| part.used);
    used.map(|part| part.content.as_slice()).collect()
}

/// What AWS prints, and templates of CloudFormation.
fn shapes_of_aws() -> Vec<(String, &'static str)> {
    let encoded = base64(SCRIPT);
    let cloud_formation = "Resources:\n  M:\n    Properties:\n      UserData:\n        ";
    vec![
        (json!({"InstanceId": "i-1", "UserData": {"Value": encoded}}).to_string(), SCRIPT),
        (json!(encoded).to_string(), SCRIPT),
        (format!("i-1\nUSERDATA\t{encoded}\n"), SCRIPT),
        (format!("\u{feff}{}", json!({"UserData": encoded})), SCRIPT),
        (json!({"UserData": {"Fn::Base64": {"Fn::Sub": SCRIPT}}}).to_string(), SCRIPT),
        (
            json!({"UserData": {"Fn::Base64": {"Fn::Sub": [SCRIPT, {"x": "1"}]}}}).to_string(),
            SCRIPT,
        ),
        (
            json!({"UserData": {"Fn::Base64": {"Fn::Join":
                ["", ["#!/bin/sh\necho ", {"Ref": "AWS::Region"}, "\n"]]}}})
            .to_string(),
            "#!/bin/sh\necho ${AWS::Region}\n",
        ),
        (
            format!(
                "# mine\n{cloud_formation}Fn::Base64: !Sub |\n          #!/bin/sh\n          ls ${{X}}\n"
            ),
            "#!/bin/sh\nls ${X}\n",
        ),
        (format!("{} !Base64 |\n        #!/bin/sh\n", cloud_formation.trim_end()), "#!/bin/sh\n"),
        (
            format!("{cloud_formation}Fn::Base64: !Join [\"\\n\", ['#!/bin/sh', !Ref A, ls]]\n"),
            "#!/bin/sh\n${A}\nls",
        ),
    ]
}

/// Metadata of Google, the state of Terraform.
fn other_shapes() -> Vec<(String, &'static str)> {
    let encoded = base64(SCRIPT);
    vec![
        (
            json!({"items": [{"key": "a"}, {"key": "user-data", "value": SCRIPT}]}).to_string(),
            SCRIPT,
        ),
        (
            json!({"items": [{"key": "user-data", "value": encoded},
                {"key": "user-data-encoding", "value": "base64"}]})
            .to_string(),
            SCRIPT,
        ),
        (
            json!({"attributes": {"user_data": "2f5b3e1ce0bdd1fd1b0e3d1e4e6b4b6ca8ee5a6a",
                "user_data_base64": encoded}})
            .to_string(),
            SCRIPT,
        ),
        (json!([{"user_data": "", "custom_data": SCRIPT}]).to_string(), SCRIPT),
    ]
}

#[test]
fn common_shapes_are_opened() {
    for (text, content) in shapes_of_aws().into_iter().chain(other_shapes()) {
        let found = inspect(text.as_bytes());
        assert_eq!(used(&found), [content.as_bytes()], "{text}\n{found:#?}");
        assert!(found.warnings.is_empty(), "{text}: {:?}", found.warnings);
    }
}

/// A line in a file that the machine writes is no envelope.
#[test]
fn user_data_that_speaks_of_user_data_is_left_alone() {
    for text in [
        "#cloud-config\nwrite_files:\n- path: /a\n  content: |\n    guestinfo.userdata = \"x\"\n",
        "#!/bin/sh\ncat > a.vmx <<E\nguestinfo.userdata = \"x\"\nE\n",
        "#!/bin/sh\n# UserData: x\n",
        "#cloud-config\nuser_data: x\n",
        "---\n#cloud-config\nuser-data: x\n",
        "hostname: a\nwrite_files:\n- content: |\n    guestinfo.userdata = \"x\"\n",
    ] {
        let found = inspect(text.as_bytes());
        assert!(found.layers.is_empty(), "{text}: {:?}", found.layers);
        assert_eq!(found.parts[0].content, text.as_bytes());
    }
}

const MACHINE: &str = "Resources:\n  M:\n    Type: AWS::EC2::Instance\n    Properties:\n";

/// AWS takes none of these: what to write instead is said, and nothing fits.
#[test]
fn what_aws_refuses_is_named() {
    let launch = json!({"LaunchTemplateName": "a", "LaunchTemplateData": {"UserData": CONFIG}});
    let text = "          #!/bin/sh\n          echo ";
    for (bytes, words) in [
        (launch.to_string(), "base64 -w0"),
        (format!("{MACHINE}      UserData: !Sub |\n{text}a\n"), "`Fn::Base64: !Sub |`"),
        (format!("{MACHINE}      UserData: |\n{text}a\n"), "`Fn::Base64: |`"),
        (
            format!("{MACHINE}      UserData:\n        Fn::Base64: !Sub |\n{text}${{a:-b}}\n"),
            "`${!a:-b}`",
        ),
        (
            format!("{MACHINE}      UserData:\n        Fn::Base64: !Sub |\n{text}${{HOME}}\n"),
            "`${!HOME}`",
        ),
    ] {
        let found = inspect(bytes.as_bytes());
        assert!(found.warnings[0].contains(words), "{bytes}: {:?}", found.warnings);
        assert_eq!((used(&found).len(), found.fits.len()), (0, 0), "{bytes}");
    }
    let encoded = base64(CONFIG);
    for bytes in [
        json!({"LaunchTemplateData": {"UserData": encoded}}).to_string(),
        format!("{MACHINE}      UserData: {encoded}\n"),
        format!("{MACHINE}      UserData:\n        Fn::Base64: !Sub |\n{text}${{!a:-b}} ${{M}}\n"),
        format!("{}      UserData: |\n{text}a\n", MACHINE.replace("EC2", "Lightsail")),
        json!({"UserData": CONFIG}).to_string(),
    ] {
        let found = inspect(bytes.as_bytes());
        assert_eq!((used(&found).len(), found.warnings.len()), (1, 0), "{bytes}: {found:?}");
    }
    let shell = format!("{MACHINE}      UserData:\n        Fn::Base64: !Sub |\n{text}${{!a:-b}}\n");
    assert!(inspect(shell.as_bytes()).parts[0].content.ends_with(b"echo ${a:-b}\n"));
}

/// Multipass writes the header itself.
#[test]
fn a_header_that_is_missing_is_named_in_every_envelope() {
    let config = "# mine\npackages: [git]\n";
    for bytes in [config.to_string(), base64(config), json!({"UserData": config}).to_string()] {
        let found = inspect(bytes.as_bytes());
        assert!(found.warnings[0].contains("#cloud-config is missing"), "{:?}", found.warnings);
        assert_eq!((used(&found).len(), found.fits.as_slice()), (0, &["multipass"][..]), "{bytes}");
    }
    assert!(inspect(b"hello: world: x\n").fits.is_empty());
}

/// Base64 is undone once, then gzip once, and only where something says so.
#[test]
fn what_no_machine_undoes_is_lost() {
    let gzip = |bytes: &[u8]| Payload::of(bytes).compressed().bytes().to_vec();
    let packed = gzip(CONFIG.as_bytes());
    let mut twice = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::Write::write_all(&mut twice, &packed).unwrap();
    let vmx = |value: &str, encoding: &str| {
        format!("guestinfo.userdata = \"{value}\"\n{encoding}").into_bytes()
    };
    let key = |encoding: &str| format!("guestinfo.userdata.encoding = \"{encoding}\"\n");
    let google = json!({"items": [{"key": "user-data", "value": base64(CONFIG)}]});
    let table: Vec<(Vec<u8>, &str)> = vec![
        (twice.finish().unwrap(), "compressed twice"),
        (gzip(base64(CONFIG).as_bytes()), "base64 inside gzip"),
        (base64(gzip(base64(CONFIG).as_bytes())).into(), "base64 inside gzip"),
        (base64(base64(CONFIG)).into(), "twice"),
        (gzip(json!({"UserData": CONFIG}).to_string().as_bytes()), "no machine opens"),
        (vmx(&base64(CONFIG), ""), "nothing says so"),
        (vmx(&base64(&packed), &key("base64")), "gzip+base64"),
        (vmx(CONFIG.lines().next().unwrap(), &key("b64")), "marked as base64, and is not"),
        (google.to_string().into(), "nothing says so"),
    ];
    for (bytes, words) in table {
        let found = inspect(&bytes);
        assert!(found.warnings.join("; ").contains(words), "{words}: {:?}", found.warnings);
        assert_eq!((used(&found).len(), found.fits.len()), (0, 0), "{words}");
    }
    for (value, encoding) in
        [(base64(CONFIG), "base64"), (base64(&packed), "gz+b64"), (base64(CONFIG), "gzip+base64")]
    {
        let found = inspect(&vmx(&value, &key(encoding)));
        assert_eq!(used(&found), [CONFIG.as_bytes()], "{encoding}: {:?}", found.warnings);
    }
}

/// Python unpacks every member, and nothing at all if there is something else behind them.
#[test]
fn gzip_is_unpacked_as_python_unpacks_it() {
    let gzip = |text: &str| Payload::of(text.as_bytes()).compressed().bytes().to_vec();
    let members = [gzip(CONFIG), gzip("packages: [git]\n"), vec![0; 9]].concat();
    let found = inspect(&members);
    assert_eq!(used(&found), [format!("{CONFIG}packages: [git]\n").as_bytes()]);
    assert!(found.warnings.is_empty());
    let long = gzip(&CONFIG.repeat(50));
    let cut = long[..long.len() - 9].to_vec();
    for bytes in [[gzip(CONFIG), b"x".to_vec()].concat(), cut] {
        let found = inspect(&bytes);
        assert!(found.warnings[0].contains("nothing happens"), "{:?}", found.warnings);
        assert!(used(&found).is_empty() && found.fits.is_empty());
    }
}

#[test]
fn every_machine_of_a_file_is_shown() {
    let machine =
        |name: &str| json!({"user_data_base64": base64(format!("{CONFIG}fqdn: {name}\n"))});
    let all: serde_json::Map<String, serde_json::Value> =
        (1..=40).map(|i| (format!("lab-{i}"), machine(&i.to_string()))).collect();
    let found = inspect(json!({"machines": all}).to_string().as_bytes());
    assert_eq!((found.machines.len(), found.parts.len()), (40, 0));
    assert_eq!(found.machines[6].machine.as_deref(), Some("machines.lab-7"));
    assert!(found.machines[6].parts[0].content.ends_with(b"fqdn: 7\n"));
    assert!(found.notes[0].contains("40 machines"), "{:?}", found.notes);
    assert!(!found.has_warnings());
    let bad = json!({"user_data": {"a": CONFIG, "b": "hostname: b\n"}});
    let found = inspect(bad.to_string().as_bytes());
    assert!(found.has_warnings() && found.warnings.is_empty(), "{found:?}");
    assert_eq!(found.machines[1].machine.as_deref(), Some("user_data.b"));
    let same = json!([{"user_data": CONFIG}, {"user_data": CONFIG}]);
    let found = inspect(same.to_string().as_bytes());
    assert_eq!((used(&found).len(), found.machines.len()), (1, 0));
    assert!(found.notes[0].contains("2 machines"), "{:?}", found.notes);
}

#[test]
fn a_drive_that_no_machine_takes_is_named() {
    let image = |label: &str, files: &[(&str, &[u8])]| crate::iso9660::image(label, files).unwrap();
    let user_data = ("user-data", CONFIG.as_bytes());
    let meta_data = ("meta-data", b"instance-id: a\n".as_slice());
    for label in ["cidata", "CIDATA"] {
        let found = inspect(&image(label, &[user_data, meta_data]));
        assert_eq!((used(&found).len(), found.warnings.len()), (1, 0), "{found:?}");
    }
    for (bytes, words) in [
        (image("seed", &[user_data, meta_data]), "labelled \"seed\""),
        (image("CiData", &[user_data, meta_data]), "machines look for cidata"),
        (image("cidata", &[user_data]), "no file meta-data"),
        (image("cidata", &[meta_data]), "no file user-data"),
        (
            image("cidata", &[("user-data", base64(CONFIG).as_bytes()), meta_data]),
            "nothing says so",
        ),
    ] {
        let found = inspect(&bytes);
        assert!(found.warnings[0].contains(words), "{words}: {:?}", found.warnings);
        assert_eq!((used(&found).len(), found.fits.len()), (0, 0), "{words}");
    }
}
