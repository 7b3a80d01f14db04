//! A machine in a cloud: what was ordered for it, the firmware by which it knows where it is, and
//! the cloud's metadata service.
//!
//! In: an [`Order`], what `render --for` made of it, and what else the cloud would hand out. Out: a
//! machine that was booted and has every file.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};

use crate::machine::{Machine, Network, Server, Suite};
use crate::verdict::ready;
use crate::world::{SERVER, World};

/// Where clouds have their metadata service. A web server of the machine takes another port.
pub(super) const SERVICE: &str = "169.254.169.254";

/// Mounts and programs by which cloud-init sees the firmware in `/etc/firmware`: it asks
/// `dmidecode` where the kernel has nothing, and takes a machine for a container by
/// `systemd-detect-virt` or the environment of the first process. `/sys` is the host's here, which
/// has other network interfaces.
const FIRMWARE: [(&str, &str); 3] = [
    ("/usr/local/sbin/dmidecode", "#!/bin/sh\nexec cat \"/etc/firmware/$2\"\n"),
    ("/usr/local/sbin/systemd-detect-virt", "#!/bin/sh\necho none\nexit 1\n"),
    (
        "/usr/local/sbin/pretend-hardware",
        "#!/bin/sh -e\n\
         mount --bind /dev/null /proc/1/environ\n\
         if test -d /sys/class/dmi; then mount -t tmpfs none /sys/class/dmi; fi\n\
         mkdir /run/own && mount -t sysfs none /run/own\n\
         for part in class/net devices/virtual/net; do mount --bind /run/own/$part /sys/$part; done\n",
    ),
];

/// A machine with text beyond ASCII in its files.
pub(super) struct Order {
    /// Its network.
    pub(super) world: World,
    /// What must be on the machine.
    files: Vec<(String, Vec<u8>)>,
}

impl Order {
    /// A few files, and one whose text has this many lines.
    pub(super) fn new(suite: Suite, lines: usize) -> Order {
        let world = World::new(suite);
        let bytes: Vec<u8> = (0..=255).collect();
        fs::write(world.path("bytes.bin"), &bytes).unwrap();
        let greeting =
            "안녕하세요, 세계 ✓\n\t끝에 빈칸 \n#cloud-config: 'é' \"ß\" \\ %d ${x} {{ y }}\r\n";
        let lesson: String = (1..=lines).map(|n| format!("{n}번째 줄: 가나다라마바사\n")).collect();
        let files = [("/srv/강의/인사 말.txt", greeting), ("/srv/강의/교재.txt", &lesson)];
        let planned = files.map(|(path, content)| json!({"path": path, "content": content}));
        let binary = json!({"path": "/srv/bytes.bin", "from": "bytes.bin"});
        let list = json!([planned[0], planned[1], binary]);
        let mut files: Vec<_> =
            files.iter().map(|(path, text)| (path.to_string(), text.as_bytes().to_vec())).collect();
        files.push(("/srv/bytes.bin".into(), bytes));
        let spec = format!("hostname: pages\nfiles: {list}\n");
        Order { world: world.spec(&spec), files }
    }

    /// With a part of every kind.
    pub(super) fn with_parts(suite: Suite) -> Order {
        let mut order = Order::new(suite, 3);
        let script =
            |name: &str| format!("#!/bin/sh\nprintf '%s\\n' '{name}: 한글' >/srv/{name}\n");
        fs::write(order.world.path("included"), script("included")).unwrap();
        let config = "write_files:\n- path: /srv/merged\n  content: |\n    merged: 한글\n";
        let parts = json!([
            {"kind": "script", "name": "10-script.sh", "content": script("script")},
            {"kind": "boothook", "name": "early", "content": script("boothook")},
            {"kind": "per-boot", "name": "always", "content": script("per-boot")},
            {"kind": "include", "name": "list", "content": format!("{SERVER}/included\n")},
            {"kind": "cloud-config", "name": "more", "content": config},
        ]);
        order.world.spec += &format!("parts: {parts}\n");
        for name in ["script", "boothook", "per-boot", "included", "merged"] {
            order.files.push((format!("/srv/{name}"), format!("{name}: 한글\n").into()));
        }
        order
    }

    /// What `bootseed render` prints, or writes into a folder, and what it says.
    pub(super) fn render(&self, words: &[&str]) -> (Vec<u8>, String) {
        fs::write(self.world.path("spec.yaml"), &self.world.spec).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_bootseed"));
        command.args(["render", "spec.yaml", "--for"]).args(words);
        let output = command.current_dir(self.world.path("")).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{said}");
        (output.stdout, said)
    }

    /// The same as JSON.
    pub(super) fn render_json(&self, words: &[&str]) -> Value {
        serde_json::from_slice(&self.render(words).0).unwrap()
    }

    pub(super) fn in_cloud(self, suite: Suite, source: &'static str, settings: &str) -> Cloud {
        let machine = Machine::unpack(suite, &source.to_lowercase());
        machine.apt_source(&format!("{SERVER}/debian"));
        let list = format!("datasource_list: [{source}]\ndatasource: {{{source}: {settings}}}\n");
        machine.configure("99-cloud.cfg", &list);
        let address = Network::ADDRESS;
        Cloud { order: self, machine, source, address, servers: Vec::new() }
    }
}

/// A machine in a cloud, before its first boot.
pub(super) struct Cloud {
    /// What was ordered.
    pub(super) order: Order,
    /// Its disk.
    pub(super) machine: Machine,
    source: &'static str,
    /// Where people find it.
    address: &'static str,
    servers: Vec<Server>,
}

impl Cloud {
    /// Makes the machine one with this firmware.
    pub(super) fn firmware(self, values: &[(&str, &str)]) -> Cloud {
        for (path, script) in FIRMWARE {
            self.program(path, script);
        }
        for (key, value) in values {
            self.machine.write(&format!("/etc/firmware/{key}"), format!("{value}\n"));
        }
        self.early_service("pretend-hardware", "Type=oneshot\nExecStart=pretend-hardware");
        for client in ["/sbin/dhclient", "/usr/sbin/dhclient", "/usr/sbin/dhcpcd"] {
            let _ = fs::remove_file(self.machine.path(client));
        }
        self
    }

    pub(super) fn program(&self, path: &str, script: &str) {
        self.machine.write(path, script);
        succeeded(Command::new("chmod").arg("755").arg(self.machine.path(path)));
    }

    /// A service that runs before cloud-init does.
    pub(super) fn early_service(&self, name: &str, lines: &str) {
        let unit = format!(
            "[Unit]\nDefaultDependencies=no\nBefore=cloud-init-local.service \
             cloud-init-main.service\n[Service]\n{lines}\n"
        );
        self.machine.write(&format!("/etc/systemd/system/{name}.service"), unit);
        let wants = "/etc/systemd/system/sysinit.target.wants";
        fs::create_dir_all(self.machine.path(wants)).unwrap();
        let link = self.machine.path(&format!("{wants}/{name}.service"));
        symlink(format!("../{name}.service"), link).unwrap();
    }

    /// Puts a file into what the metadata service hands out.
    pub(super) fn put(self, path: &str, content: impl AsRef<[u8]>) -> Cloud {
        let path = self.order.world.path("metadata").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    /// The cloud leads this address to the machine, which does not have it.
    pub(super) fn behind(mut self, address: &'static str) -> Cloud {
        self.address = address;
        self
    }

    /// Starts the metadata service. It hands out nothing without this header.
    pub(super) fn service(mut self, needs: Option<&str>) -> Cloud {
        let network = &self.order.world.network;
        let address = format!("{SERVICE}/32");
        succeeded(network.command("ip").args(["address", "add", &address, "dev", "lo"]));
        let root = self.order.world.path("metadata").display().to_string();
        let listen = format!("{SERVICE}:80");
        let mut words = vec!["/usr/bin/python3", METADATA, "--root", &root, "--listen", &listen];
        words.extend(needs.iter().flat_map(|header| ["--needs", header]));
        let server = network.spawn(&words);
        let probe = format!("http://{SERVICE}/");
        network.wait_until_answers(&probe, Duration::from_secs(120));
        self.servers.push(server);
        self
    }

    /// The address of the machine's network interface.
    pub(super) fn mac(&self) -> String {
        let mut command = self.order.world.network.command("ip");
        let output = command.args(["-json", "link", "show", "eth0"]).output().unwrap();
        let links: Value = serde_json::from_slice(&output.stdout).unwrap();
        links[0]["address"].as_str().unwrap().to_string()
    }

    /// Boots it, and compares every file.
    pub(super) fn boots(mut self) {
        self.order.world.serve(&json!([]));
        let running = self.machine.boot(&self.order.world.network);
        let status = ready(&running, &self.order.world);
        let said = status["message"].as_str().unwrap();
        assert!(said.contains(self.address), "{said}");
        let class = format!("DataSource{}", self.source);
        let used = running.read("/var/lib/cloud/instance/datasource");
        assert!(used.starts_with(&class), "{used}");
        for (path, content) in &self.order.files {
            let found = running.exec(&["cat", "--", path]).stdout;
            let text = String::from_utf8_lossy(&found);
            assert!(&found == content, "{path} is another: {text}");
        }
        assert_eq!(running.shell("hostname").trim(), "pages");
    }
}

/// The metadata service.
pub(super) const METADATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/boot/metadata.py");

fn succeeded(command: &mut Command) {
    assert!(command.status().unwrap().success(), "{command:?}");
}
