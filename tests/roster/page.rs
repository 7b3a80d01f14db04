//! The page that an instructor opens from disk, in Chromium.

use std::fmt::Write;
use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use bootseed::catalog::Listed;
use bootseed::destination::Destination;
use bootseed::handout::{Entry, Page};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::browser::{Browser, DOWN, ENTER, UP};

/// The field of a launch form: what is pasted, as it comes from the clipboard.
const FORM: &str = "<!doctype html><meta charset=utf-8><textarea id=form></textarea><script>
    const form = document.getElementById('form');
    let pasted;
    form.onpaste = (event) => { pasted = event.clipboardData.getData('text/plain'); };
    </script>";

/// What must not happen to any text on its way to the clipboard.
pub(crate) const HOSTILE: &[&str] = &[
    "</script><script>window.hacked = 1</script>\n<!-- <script>\n]]>\n",
    "tab\there, \u{1f600} 한글 e\u{301} \u{ac00}\u{2028}\u{2029}\u{85}\u{a0}\u{7f}\u{feff}\u{ffff}\n",
    "CR LF\r\nCR\rand\r\n\r\n",
    "no line end",
    " \n blank, and blank lines \n\n\n",
    "\\u003c \\n \"quotes\" 'quotes' `quotes` ${window.hacked = 1} &lt;b&gt; &amp; %3C",
];

#[derive(Default)]
pub(crate) struct Student {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) hostname: String,
    pub(crate) file: String,
    pub(crate) text: String,
    pub(crate) base64: bool,
}

impl Student {
    pub(crate) fn new(id: &str, name: &str, text: &str) -> Student {
        let hostname = format!("vm-{id}");
        let (id, name, text) = (id.to_owned(), name.to_owned(), text.to_owned());
        Student { file: format!("machines/{id}.yaml"), id, name, hostname, text, base64: false }
    }
}

/// A class as it is: 김가람, 이나래 and so on, with a text that has the host name in it.
pub(crate) fn class(size: usize) -> Vec<Student> {
    let (family, given) = (["김", "이", "박", "최", "정"], ["가람", "나래", "다온", "라희"]);
    let rows = (0..size).map(|at| {
        let (id, name) = (20_260_001 + at, format!("{}{}", family[at % 5], given[at / 5 % 4]));
        let text = format!("#cloud-config\nhostname: vm-{id}\n# {name}\npackages: [git]\n");
        Student::new(&id.to_string(), &name, &text)
    });
    rows.collect()
}

/// Writes the page into a folder, with the form beside it.
fn page(folder: &TempDir, students: &[Student]) -> PathBuf {
    let file = folder.path().join("index.html");
    let mut page =
        Page::new(BufWriter::new(File::create(&file).unwrap()), "class.csv", Destination::ALL[0])
            .unwrap();
    for student in students {
        let entry = Entry {
            student: &student.id,
            name: Some(&student.name),
            hostname: Some(&student.hostname),
            file: &student.file,
            sha256: "0123456789abcdef",
            user_data: &student.text,
            base64: student.base64,
            needs: "8 GB",
        };
        page.row(&entry).unwrap();
    }
    page.end().unwrap();
    fs::write(folder.path().join("form.html"), FORM).unwrap();
    file
}

/// A browser with the page of these students in it.
pub(crate) fn opened(students: &[Student]) -> Option<(Browser, TempDir)> {
    let browser = Browser::start()?;
    let folder = tempfile::tempdir().unwrap();
    browser.open(&page(&folder, students));
    Some((browser, folder))
}

/// The button in a row, counted from 1.
pub(crate) fn button(row: usize) -> String {
    format!("#rows tr:nth-child({row}) button")
}

/// What arrives when the clipboard is pasted into the form in another tab.
pub(crate) fn paste(browser: &Browser, (page, form): &(String, String)) -> String {
    browser.switch(form);
    browser.run("pasted = undefined; form.value = ''; form.focus()");
    browser.press_control('v');
    browser.until("pasted !== undefined");
    let pasted = browser.text("pasted");
    let shown = browser.text("form.value");
    assert_eq!(shown, pasted.replace("\r\n", "\n").replace('\r', "\n"), "as any field has it");
    browser.switch(page);
    pasted
}

/// Nothing was asked for but the files of this folder, and there is nothing in the console.
pub(crate) fn quiet(browser: &Browser, folder: &Path) {
    assert_eq!(browser.console(), [""; 0]);
    let (own, all) = (format!("file://{}/", folder.display()), browser.requests());
    assert!(all.contains(&format!("{own}index.html")), "{all:?}");
    let others: Vec<&String> = all.iter().filter(|address| !address.starts_with(&own)).collect();
    assert!(others.is_empty(), "{others:?}");
}

#[test]
fn names_are_text_whatever_they_are() {
    let mut names = HOSTILE.to_vec();
    names.extend([
        "<img src=x onerror='window.hacked = 1'>",
        "\0",
        "__proto__",
        "javascript:alert(1)",
    ]);
    let rows = names.iter().map(|text| Student {
        id: (*text).to_owned(),
        name: (*text).to_owned(),
        hostname: (*text).to_owned(),
        file: (*text).to_owned(),
        text: (*text).to_owned(),
        base64: false,
    });
    let students: Vec<Student> = rows.collect();
    let Some((browser, folder)) = opened(&students) else { return };
    let shown = |selector: &str| {
        let texts = format!("return [...document.querySelectorAll('{selector}')]");
        serde_json::from_value::<Vec<String>>(
            browser.run(&format!("{texts}.map((found) => found.textContent)")),
        )
        .unwrap()
    };
    for selector in [".student", ".name", ".host span", ".file a"] {
        assert_eq!(shown(selector), names, "{selector}");
    }
    assert_eq!(browser.run("return document.querySelectorAll('script').length"), 2);
    assert_eq!(browser.run("return document.querySelectorAll('#rows img').length"), 0);
    let schemes = "new Set([...document.links].map((link) => link.protocol))";
    assert_eq!(browser.run(&format!("return [...{schemes}]")), json!(["file:"]));
    for row in 1..=names.len() {
        browser.click(&button(row));
    }
    browser.until(&format!("document.querySelectorAll('.copied').length === {}", names.len()));
    assert_eq!(browser.run("return window.hacked ?? null"), Value::Null);
    quiet(&browser, folder.path());
}

#[test]
fn nothing_else_may_run_or_be_loaded() {
    let Some((browser, _folder)) = opened(&class(1)) else { return };
    let script = "const more = document.createElement('script');
        more.textContent = 'window.hacked = 1';
        document.body.append(more);
        document.body.insertAdjacentHTML('beforeend', '<b style=\"color: red\" onclick=\"0\">b</b>');
        const color = getComputedStyle(document.body.lastChild).color;
        const load = (address) => fetch(address).then(() => 'loaded', () => 'refused');
        return [window.hacked ?? 0, color === 'rgb(255, 0, 0)', await load('form.html'),
            await load('http://127.0.0.1:9/')];";
    let found = browser.run(&format!("return (async () => {{ {script} }})()"));
    assert_eq!(found, json!([0, false, "refused", "refused"]));
    let refused = browser.console();
    for part in ["script-src", "style-src", "connect-src"] {
        assert!(refused.iter().any(|line| line.contains(part)), "{part}: {refused:#?}");
    }
}

#[test]
fn the_search_finds_while_typing() {
    let Some((browser, folder)) = opened(&class(40)) else { return };
    let count = "document.getElementById('count').textContent";
    let first = "document.querySelector('#rows .student')?.textContent ?? ''";
    assert_eq!(browser.text(count), "40 of 40");
    let head = browser.text("document.querySelector('header').innerText");
    assert!(
        head.contains("paste into EC2's launch form") && head.contains("needs: 8 GB."),
        "{head}"
    );
    assert_eq!(browser.run("return document.querySelector('.host small').hidden"), true);
    assert_eq!(browser.run("return document.activeElement.id"), "search");
    for (typed, found, student) in [
        ("김", "8 of 40", "20260001"),
        ("가라", "10 of 40", "20260001"),
        ("박 라흐", "2 of 40", "20260018"),
        ("김날", "2 of 40", "20260006"),
        ("20260007", "1 of 40", "20260007"),
        ("VM-2026001", "10 of 40", "20260010"),
        ("나래 0028 .yaml", "1 of 40", "20260028"),
        ("ㅂ", "8 of 40", "20260003"),
        ("nobody", "0 of 40", ""),
    ] {
        browser.run("document.getElementById('search').select()");
        browser.press(typed);
        assert_eq!(
            (browser.text(count), browser.text(first)),
            (found.into(), student.into()),
            "{typed}"
        );
    }
    assert!(browser.text("document.querySelector('main').innerText").contains("Nobody"));
    quiet(&browser, folder.path());
}

#[test]
fn the_keyboard_is_enough() {
    let students = class(3);
    let Some((browser, folder)) = opened(&students) else { return };
    let tabs = browser.open_beside(&folder.path().join("form.html"));
    let copied = |rows: &[usize]| {
        let place = |row: &usize| {
            format!("document.querySelectorAll('tr:nth-child({row}).copied').length === 1")
        };
        let places: Vec<String> = rows.iter().map(place).collect();
        browser.until(&format!("document.querySelectorAll('.copied').length === {}", rows.len()));
        browser.until(&places.join(" && "));
    };
    browser.press(DOWN);
    browser.press(ENTER);
    copied(&[1]);
    browser.press(&format!("{DOWN}{DOWN}{DOWN}{ENTER}"));
    copied(&[1, 3]);
    assert_eq!(
        browser.text("document.querySelector('.last .student').textContent"),
        students[2].id
    );
    assert_eq!(browser.run("return document.querySelectorAll('.last').length"), 1);
    assert_eq!(paste(&browser, &tabs), students[2].text);
    browser.press(&format!("{UP}{UP}{UP}x"));
    assert_eq!(browser.text("document.getElementById('search').value"), "x");
    browser.click("#count");
    browser.press("/20260002");
    assert_eq!(browser.text("document.getElementById('search').value"), "x20260002");
    quiet(&browser, folder.path());
}

#[test]
fn the_button_with_the_focus_is_in_sight() {
    let Some((browser, _folder)) = opened(&class(40)) else { return };
    let seen = "const place = document.activeElement.getBoundingClientRect();
        const at = (y) => document.elementFromPoint(place.x + place.width / 2, y);
        return at(place.top + 1) === document.activeElement
            && at(place.bottom - 1) === document.activeElement;";
    for key in [DOWN, UP] {
        for step in 0..39 {
            browser.press(key);
            assert_eq!(browser.run(seen), true, "{step}");
        }
    }
}

#[test]
fn what_was_copied_is_kept() {
    let Some((browser, folder)) = opened(&class(3)) else { return };
    let (file, copied) =
        (folder.path().join("index.html"), "document.querySelectorAll('.copied').length");
    browser.click(&button(2));
    browser.until(&format!("{copied} === 1"));
    browser.open(&file);
    browser.until(&format!("{copied} === 1"));
    assert_eq!(browser.text("document.querySelector('.copied .student').textContent"), "20260002");
    browser.click("#left");
    assert_eq!(browser.text("document.getElementById('count').textContent"), "2 of 3");
    let changed = fs::read_to_string(&file).unwrap().replace("0123456789ab", "different");
    fs::write(&file, changed).unwrap();
    browser.open(&file);
    assert_eq!(
        browser.text("document.querySelector('.outdated button').textContent"),
        "Copy, changed"
    );
    assert_eq!(browser.run(&format!("return {copied}")), 0);
    browser.click("#forget");
    browser.accept();
    browser.open(&file);
    assert_eq!(browser.run("return document.querySelectorAll('.copied, .outdated').length"), 0);
    quiet(&browser, folder.path());
}

#[test]
fn a_text_that_is_not_in_the_page_is_in_its_file() {
    let mut students = class(2);
    students[1].text = students[0].text.clone();
    students[1].file = "machines/김 #1 50%?.txt".into();
    let Some((browser, folder)) = opened(&students) else { return };
    let file = folder.path().join("index.html");
    fs::create_dir(folder.path().join("machines")).unwrap();
    fs::write(folder.path().join(&students[1].file), "the file itself").unwrap();
    fs::write(&file, fs::read_to_string(&file).unwrap().replace("\n[]\n", "\nnull\n")).unwrap();
    browser.open(&file);
    browser.click(".act a");
    browser.switch(&browser.new_tab());
    browser.until("document.body.innerText === 'the file itself'");
}

#[test]
fn ten_thousand_students_are_searched_at_once() {
    let Some((browser, folder)) = opened(&class(10_000)) else { return };
    assert_eq!(browser.run("return document.querySelectorAll('#rows tr').length"), 200);
    browser.click("#more");
    assert_eq!(browser.run("return document.querySelectorAll('#rows tr').length"), 400);
    let mut script =
        String::from("const search = document.getElementById('search'); const took = [];");
    for typed in ["2", "20", "김", "김가", "20269", "20269999", "", "nobody"] {
        write!(
            script,
            "{{ const start = performance.now();
                search.value = '{typed}';
                search.dispatchEvent(new Event('input'));
                document.body.getBoundingClientRect();
                took.push(performance.now() - start); }}"
        )
        .unwrap();
    }
    let took = browser.run(&format!("{script} return took"));
    let mut took: Vec<f64> = serde_json::from_value(took).unwrap();
    took.sort_by(f64::total_cmp);
    assert!(took[took.len() / 2] < 1000.0, "milliseconds: {took:?}");
    assert_eq!(browser.text("document.getElementById('count').textContent"), "0 of 10,000");
    quiet(&browser, folder.path());
}

#[test]
fn it_fits_a_phone_a_dark_room_and_paper() {
    let Some((browser, folder)) = opened(&class(300)) else { return };
    let scheme = |name: &str| {
        let features = json!([{"name": "prefers-color-scheme", "value": name}]);
        browser.devtools("Emulation.setEmulatedMedia", json!({"features": features}));
        browser.text("getComputedStyle(document.body).backgroundColor")
    };
    assert_eq!(
        (&scheme("light")[..], &scheme("dark")[..]),
        ("rgb(255, 255, 255)", "rgb(20, 23, 26)")
    );
    for width in [320, 390, 768, 1920] {
        let screen = json!({"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": true});
        browser.devtools("Emulation.setDeviceMetricsOverride", screen);
        assert_eq!(browser.run("return document.documentElement.scrollWidth"), width);
        let low = browser.run("return document.querySelector('.act button').offsetHeight").as_u64();
        assert!(low.unwrap() >= if width < 700 { 44 } else { 30 }, "{low:?} at {width}");
    }
    let rows = "return document.querySelectorAll('#rows tr').length";
    browser.run("window.dispatchEvent(new Event('beforeprint'))");
    assert_eq!(browser.run(rows), 300);
    browser.run("window.dispatchEvent(new Event('afterprint'))");
    assert_eq!(browser.run(rows), 200);
    quiet(&browser, folder.path());
}
