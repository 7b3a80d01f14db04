//! What is copied from the page and pasted into a launch form, in Chromium.

use tempfile::TempDir;

use crate::browser::Browser;
use crate::page::{HOSTILE, Student, button, class, opened, paste, quiet};
use crate::tools::bootseed;

/// Copies every row and compares what arrives.
fn copies(browser: &Browser, folder: &TempDir, students: &[Student]) {
    let tabs = browser.open_beside(&folder.path().join("form.html"));
    for (at, student) in students.iter().enumerate() {
        browser.click(&button(at + 1));
        browser
            .until(&format!("document.querySelector('tr:nth-child({}).copied') !== null", at + 1));
        assert_eq!(paste(browser, &tabs), student.text, "{}", student.name);
    }
}

/// Machines as they are, and texts that are hard to keep.
fn mixed() -> Vec<Student> {
    let machine = |host: &str, compress: &str| {
        let host = format!("hostname={host}");
        let arguments = ["--preset", "hello_cju", "--for", "aws-form", "--compress", compress];
        bootseed(&[&["render"], &arguments[..], &["--set", &host]].concat())
    };
    let mut students = vec![
        Student::new("0", "compressed", &machine("vm-0", "always")),
        Student::new("1", "first", &machine("vm-1", "never")),
        Student::new("2", "second", &machine("vm-2", "never")),
        Student::new("3", "the same", &machine("vm-1", "never")),
        Student::new("4", "longer", &(machine("vm-4", "never") + "# one more\n")),
        Student::new("5", "compressed", &machine("vm-5", "always")),
    ];
    students[0].base64 = true;
    students[5].base64 = true;
    for (at, text) in HOSTILE.iter().enumerate() {
        students.push(Student::new(&format!("6-{at}"), text, text));
    }
    students.push(Student::new("7", "third", &machine("vm-7", "never")));
    students
}

#[test]
fn what_is_copied_is_the_text_for_the_form() {
    let students = mixed();
    let Some((browser, folder)) = opened(&students) else { return };
    browser.run("document.execCommand = () => { throw Error('not needed') }");
    copies(&browser, &folder, &students);
    quiet(&browser, folder.path());
}

#[test]
fn copying_works_without_the_clipboard_of_the_browser() {
    let students = mixed();
    let Some((browser, folder)) = opened(&students) else { return };
    browser.run("Object.defineProperty(navigator, 'clipboard', {value: undefined})");
    copies(&browser, &folder, &students);
    quiet(&browser, folder.path());
}

#[test]
fn what_cannot_be_copied_is_shown_to_be_copied_by_hand() {
    let students = mixed();
    let Some((browser, folder)) = opened(&students) else { return };
    let tabs = browser.open_beside(&folder.path().join("form.html"));
    browser.run("Object.defineProperty(navigator, 'clipboard', {value: undefined})");
    browser.run("document.execCommand = () => false");
    for (at, student) in students.iter().enumerate() {
        browser.click(&button(at + 1));
        browser.until("document.getElementById('hand').open");
        assert_eq!(browser.run("return document.querySelectorAll('.copied').length"), at);
        browser.press_control('c');
        assert_eq!(paste(&browser, &tabs), student.text, "{}", student.name);
        browser.click("#hand button");
    }
    quiet(&browser, folder.path());
}

#[test]
fn a_compressed_text_says_what_to_tick() {
    let mut students = class(2);
    students[1].base64 = true;
    students[1].text = "H4sI".repeat(4096);
    let Some((browser, _folder)) = opened(&students) else { return };
    assert_eq!(
        browser.run("return document.querySelectorAll('td .badge:not([hidden])').length"),
        1
    );
    assert!(browser.text("document.getElementById('tick').innerText").contains("already been"));
    let size = "document.querySelectorAll('.size')[1].innerText.trim()";
    assert_eq!(browser.text(size), "12,288 B, 75%", "before base64, as EC2 counts");
    for (row, told) in [(1, false), (2, true)] {
        browser.click(&button(row));
        let said = "document.getElementById('said').innerText";
        browser.until(&format!("{said}.includes('{}')", students[row - 1].name));
        assert_eq!(browser.text(said).contains("already been base64 encoded"), told);
    }
}
