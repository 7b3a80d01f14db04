//! Chromium without a window, driven over WebDriver: <https://www.w3.org/TR/webdriver2/>.
//!
//! In: what a person at the browser does. Out: what that person sees. One browser runs at a time,
//! with an empty profile; when it is dropped, or this process ends in whatever way, all of its
//! processes end.

use std::io::{BufRead, BufReader, Lines};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::host::have;

/// Ends the whole process group once standard input or the driver ends.
const WATCHED: &str = "{ chromedriver --port=0; kill -KILL 0; } & read -r _; kill -KILL 0";

/// Nothing of it may look for a network or a screen.
const FLAGS: &[&str] = &[
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];

const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(20);
const CONTROL: char = '\u{e009}';
pub(crate) const ENTER: &str = "\u{e007}";
pub(crate) const UP: &str = "\u{e013}";
pub(crate) const DOWN: &str = "\u{e015}";

static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

pub(crate) struct Browser {
    driver: Child,
    /// What the driver says; open, so that it can.
    said: Lines<BufReader<ChildStdout>>,
    client: ureq::Agent,
    /// Address of the session.
    session: String,
    /// Its profile, and what it leaves behind.
    _folder: TempDir,
    _alone: MutexGuard<'static, ()>,
}

impl Browser {
    /// A browser, or a word that what needs it is left out.
    pub(crate) fn start() -> Option<Browser> {
        if !have(&["chromium", "chromedriver"]) {
            return None;
        }
        let alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = tempfile::tempdir().unwrap();
        let profile = format!("--user-data-dir={}", folder.path().join("profile").display());
        let mut driver = driver(folder.path());
        let mut browser = Browser {
            said: BufReader::new(driver.stdout.take().unwrap()).lines(),
            driver,
            client: client(),
            session: String::new(),
            _folder: folder,
            _alone: alone,
        };
        browser.session = format!("http://127.0.0.1:{}/session", browser.port());
        let flags: Vec<&str> = FLAGS.iter().copied().chain([&profile[..]]).collect();
        let wanted = json!({
            "goog:chromeOptions": {"args": flags},
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
        });
        let session = browser.post("", json!({"capabilities": {"alwaysMatch": wanted}}));
        browser.session = format!("{}/{}", browser.session, session["sessionId"].as_str().unwrap());
        Some(browser)
    }

    /// The port that the driver says it has.
    fn port(&mut self) -> String {
        let port = self.said.find_map(|line| {
            let line = line.unwrap();
            let (_, port) = line.split_once("started successfully on port ")?;
            Some(port.trim_end_matches('.').to_owned())
        });
        port.expect("chromedriver did not start")
    }

    fn post(&self, path: &str, body: Value) -> Value {
        let request = self.client.post(format!("{}{path}", self.session));
        let request = request.header("Content-Type", "application/json");
        let answer = request.send(body.to_string()).unwrap().body_mut().read_to_string();
        let mut answer: Value = serde_json::from_str(&answer.unwrap()).unwrap();
        assert!(answer["value"].get("error").is_none(), "{path} {body}\n{}", answer["value"]);
        answer["value"].take()
    }

    pub(crate) fn open(&self, file: &Path) {
        self.post("/url", json!({"url": format!("file://{}", file.display())}));
    }

    /// Opens a file in another tab and gives the names of the present one and of that.
    pub(crate) fn open_beside(&self, file: &Path) -> (String, String) {
        let here = self.tabs().remove(0);
        let other = self.post("/window/new", json!({"type": "tab"}));
        let other = other["handle"].as_str().unwrap().to_owned();
        self.switch(&other);
        self.open(file);
        self.switch(&here);
        (here, other)
    }

    /// The tab that a click has opened beside the only one.
    pub(crate) fn new_tab(&self) -> String {
        let start = Instant::now();
        loop {
            if let Some(tab) = self.tabs().into_iter().nth(1) {
                return tab;
            }
            assert!(start.elapsed() < PATIENCE, "no tab was opened");
            sleep(PAUSE);
        }
    }

    fn tabs(&self) -> Vec<String> {
        let answer = self.client.get(format!("{}/window/handles", self.session)).call();
        let answer = answer.unwrap().body_mut().read_to_string().unwrap();
        let answer: Value = serde_json::from_str(&answer).unwrap();
        serde_json::from_value(answer["value"].clone()).unwrap()
    }

    pub(crate) fn switch(&self, tab: &str) {
        self.post("/window", json!({"handle": tab}));
    }

    /// What a function with this body returns; a promise is awaited.
    pub(crate) fn run(&self, script: &str) -> Value {
        self.post("/execute/sync", json!({"script": script, "args": []}))
    }

    /// The value of an expression as text.
    pub(crate) fn text(&self, expression: &str) -> String {
        let value = self.run(&format!("return {expression}"));
        value.as_str().unwrap_or_else(|| panic!("{expression}: {value}")).to_owned()
    }

    /// Waits until an expression is true.
    pub(crate) fn until(&self, expression: &str) {
        let start = Instant::now();
        while self.run(&format!("return {expression}")) != Value::Bool(true) {
            assert!(start.elapsed() < PATIENCE, "never: {expression}");
            sleep(PAUSE);
        }
    }

    /// Clicks on the first element that is found, scrolled to the middle.
    pub(crate) fn click(&self, selector: &str) {
        let element = format!("document.querySelector('{selector}')");
        self.run(&format!("{element}.scrollIntoView({{block: 'center'}})"));
        self.post(&format!("/element/{}/click", self.find(selector)), json!({}));
    }

    fn find(&self, selector: &str) -> String {
        let element = self.post("/element", json!({"using": "css selector", "value": selector}));
        element.as_object().unwrap().values().next().unwrap().as_str().unwrap().to_owned()
    }

    /// Presses keys, one after the other, wherever the focus is.
    pub(crate) fn press(&self, keys: &str) {
        let keys = keys.chars().flat_map(|key| {
            ["keyDown", "keyUp"].map(|kind| json!({"type": kind, "value": key.to_string()}))
        });
        self.act(keys.collect());
    }

    /// Presses a key together with Ctrl.
    pub(crate) fn press_control(&self, letter: char) {
        let key = |kind: &str, key: char| json!({"type": kind, "value": key.to_string()});
        let (down, up) = ("keyDown", "keyUp");
        self.act(vec![key(down, CONTROL), key(down, letter), key(up, letter), key(up, CONTROL)]);
    }

    fn act(&self, actions: Vec<Value>) {
        let keyboard = json!({"type": "key", "id": "keyboard", "actions": actions});
        self.post("/actions", json!({"actions": [keyboard]}));
    }

    /// Says yes to a question that the page asks.
    pub(crate) fn accept(&self) {
        self.post("/alert/accept", json!({}));
    }

    /// A command of the DevTools.
    pub(crate) fn devtools(&self, command: &str, parameters: Value) {
        self.post("/goog/cdp/execute", json!({"cmd": command, "params": parameters}));
    }

    /// What is in the console since this was last asked.
    pub(crate) fn console(&self) -> Vec<String> {
        let lines = self.post("/se/log", json!({"type": "browser"}));
        let lines = lines.as_array().unwrap().iter();
        lines.map(|line| line["message"].as_str().unwrap().to_owned()).collect()
    }

    /// The addresses that pages from disk asked for since this was last asked.
    pub(crate) fn requests(&self) -> Vec<String> {
        let lines = self.post("/se/log", json!({"type": "performance"}));
        let events = lines.as_array().unwrap().iter().map(|line| {
            let event: Value = serde_json::from_str(line["message"].as_str().unwrap()).unwrap();
            event["message"].clone()
        });
        let sent = events.filter(|event| event["method"] == "Network.requestWillBeSent");
        let sent = sent.map(|event| event["params"].clone());
        sent.filter(|sent| sent["documentURL"].as_str().unwrap().starts_with("file:"))
            .map(|sent| sent["request"]["url"].as_str().unwrap().to_owned())
            .collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.client.delete(&self.session).call();
        drop(self.driver.stdin.take());
        let _ = self.driver.wait();
    }
}

/// The driver, which keeps its temporary files in a folder.
fn driver(folder: &Path) -> Child {
    let mut driver = Command::new("sh");
    driver.args(["-c", WATCHED]).env("TMPDIR", folder).process_group(0);
    driver.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    driver.spawn().unwrap()
}

fn client() -> ureq::Agent {
    let config = ureq::Agent::config_builder().http_status_as_error(false).proxy(None);
    config.timeout_global(Some(PATIENCE)).build().into()
}
