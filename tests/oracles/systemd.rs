//! Units that a template NAME.service.j2 makes: `systemd-analyze verify` takes them without a word,
//! and a service under real systemd sees each argument and each variable as it was.

use std::time::Duration;

use serde_json::json;

use super::host::find;
use super::machine::{self, Machine, Network, Suite};
use super::values::tools::{self, plain, said};
use super::values::{awkward, document::Document};
use bootseed::cloud_config::render_own;
use bootseed::template::Templates;

const UNIT: &str = "[Service]
Type=oneshot
ExecStart=/usr/bin/printf %%s {{ words|exec }}
Environment={{ variables|setting }}
{% if plain %}ExecStartPre=/bin/true {{ plain }}
{% endif %}
";

fn texts() -> Vec<String> {
    let mut texts = awkward::texts();
    texts.extend(awkward::sample(&awkward::strategy(), 100));
    let noncharacter =
        |c: char| u32::from(c) & 0xfffe == 0xfffe || ('\u{fdd0}'..='\u{fdef}').contains(&c);
    texts.retain(|text| !text.contains('\0') && !text.contains(noncharacter) && text.len() < 2000);
    texts
}

fn unit(words: &[String], plain: &[String]) -> Result<String, String> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("x.service.j2"), UNIT).unwrap();
    let own = "#cloud-config\n{% set unit %}{% include 'x.service.j2' %}{% endset %}\na: {{ unit|block }}\n";
    let variables: Vec<String> =
        words.iter().enumerate().map(|(i, w)| format!("V{i}={w}")).collect();
    let params = json!({ "words": words, "variables": variables, "plain": plain });
    let templates = Templates::with_folder(Some(folder.path().into()));
    let document = render_own("own.yaml.j2", own.into(), &params, &templates);
    let text = document.map_err(|error| error.to_string())?.text().to_string();
    Ok(Document::read(&text).text_at("a").unwrap().to_string())
}

#[test]
fn systemd_takes_every_unit_without_a_word() {
    let Some(analyze) = find("systemd-analyze") else { return };
    let folder = tempfile::tempdir().unwrap();
    let without = |text: &&String| !text.contains('$');
    let plain_words: Vec<String> = texts().iter().filter(without).cloned().collect();
    let path = folder.path().join("all.service");
    std::fs::write(&path, unit(&texts(), &plain_words).unwrap()).unwrap();
    let output = plain(analyze).args(["verify", "--man=no"]).arg(&path).output().unwrap();
    let text = said(&output);
    assert!(!text.contains("all.service"), "{text}");
    assert!(output.status.success(), "{text}");
}

/// `$` begins a variable in an Exec line and nowhere else: the template has to say where it is.
#[test]
fn a_dollar_sign_needs_a_filter() {
    let message = unit(&[], &["$HOME".to_string()]).unwrap_err();
    assert!(message.contains("|exec") && message.contains("x.service.j2:5"), "{message}");
}

/// Reads the unit by the rules of systemd.syntax(7) and systemd.service(5).
#[test]
fn words_read_back_by_the_rules_of_the_manual() {
    let texts = texts();
    let unit = unit(&texts, &[]).unwrap();
    let line = |name: &str| unit.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    let unescaped = |text: String| text.replace("%%", "%");
    let words: Vec<String> = split(line("ExecStart=")).into_iter().map(unescaped).collect();
    let exec: Vec<String> = words[2..].iter().map(|word| word.replace("$$", "$")).collect();
    assert_eq!(exec, texts);
    let variables: Vec<String> = split(line("Environment=")).into_iter().map(unescaped).collect();
    for (i, (variable, text)) in variables.iter().zip(&texts).enumerate() {
        assert_eq!(*variable, format!("V{i}={text}"));
    }
    assert_eq!(variables.len(), texts.len());
}

fn split(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted) = (Vec::new(), None::<String>, false);
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            ' ' if !quoted => words.extend(word.take()),
            '\\' => word.get_or_insert_default().push(escape(&mut chars)),
            _ => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

fn escape(chars: &mut std::str::Chars) -> char {
    let length = match chars.next().unwrap() {
        'x' => 2,
        'u' => 4,
        c => return c,
    };
    let digits: String = chars.take(length).collect();
    char::from_u32(u32::from_str_radix(&digits, 16).unwrap()).unwrap()
}

/// Writes its arguments and its variables, each with a NUL behind it.
const DUMP: &str = r#"
sub dump_to { open(my $f, ">", shift); print $f map { "$_\0" } @_ }
dump_to("/arguments", @ARGV);
dump_to("/variables", map { "$_=$ENV{$_}" } grep { /^V[0-9]+$/ } keys %ENV);
"#;

/// systemd itself starts the service, in the machine of the boot tests.
#[test]
fn a_service_sees_what_was_written() {
    if !machine::can_boot() {
        return;
    }
    let texts = texts();
    let unit = unit(&texts, &[]).unwrap();
    let unit = unit.replace("/usr/bin/printf %%s", "/usr/bin/perl /dump.pl");
    let network = Network::new();
    let machine = Machine::unpack(Suite::Bookworm, "unit");
    machine.write("/dump.pl", DUMP);
    machine.write("/etc/systemd/system/dump.service", unit);
    machine.seed("#cloud-config\n{}\n", "i-1");
    let machine = machine.boot(&network);
    machine.wait_boot_finished(Duration::from_secs(120));
    let output = machine.exec(&["systemctl", "start", "dump.service"]);
    assert!(output.status.success(), "{}", machine.shell("journalctl -u dump.service"));
    let machine = machine.power_cut();
    let dumped = |name| tools::split_nul(machine.read(name).as_bytes());
    assert_eq!(dumped("/arguments"), texts);
    let mut variables = dumped("/variables");
    let mut expected: Vec<String> =
        texts.iter().enumerate().map(|(i, text)| format!("V{i}={text}")).collect();
    variables.sort();
    expected.sort();
    assert_eq!(variables, expected);
}
