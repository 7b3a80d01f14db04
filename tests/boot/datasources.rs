//! What each cloud hands to the machine for what `bootseed render --for` made, through
//! cloud-init's own code for that cloud.
//!
//! In: the output for a destination. In between, the test does what the cloud does with it: the
//! launch form of EC2 undoes base64 once, Nova does for its client, Azure writes it into a file on
//! a drive. `metadata.py` then hands it out on 169.254.169.254, where a machine looks for it
//! without being told. Out: a machine that is ready, with every file as it was, byte for byte.
//!
//! A data source looks at the firmware to see which cloud it is in. These machines have none, so
//! [`cloud`] pretends one, and that the machine is no container, in which cloud-init would not
//! look. To add a cloud: a function that puts into a [`cloud::Cloud`] what its service hands out.
//!
//! Each cloud is on one release, old and new in turn; what all versions of cloud-init make of a
//! payload is in `tests/destinations/payloads.rs`. Folder, parts and EC2 are on all.
//!
//! Not run here, and why:
//! - NoCloud and Azure from a drive: a container sees no block device. The files of the drive are
//!   in the seed folder of the same data source instead, those of `nocloud-iso` as `isoinfo` reads
//!   them. `bootseed boot --vm` attaches the image itself to a machine: see `rehearsal`.
//! - Azure's IMDS and wire server, by which an agent reports that the machine is ready.
//! - Address by DHCP before the network is up: the address is there, and a DHCP client is not.
//! - Akamai before trixie: cloud-init knows it since 23.4.
//! - Multipass and Proxmox attach a NoCloud drive with the document; Incus answers as LXD does.

mod cloud;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bootseed::source::{self, Source};
use serde_json::json;

use crate::Scenario;
use crate::machine::Suite;

use cloud::{METADATA, Order, SERVICE};

pub(crate) const SCENARIOS: &[Scenario] = &[
    Scenario::on_edges("datasource_ec2_text", ec2_text),
    Scenario { name: "datasource_ec2_gzip", suites: &[Suite::Bullseye], run: ec2_gzip },
    Scenario::on_bookworm("datasource_ec2_parts", ec2_parts),
    Scenario::on_edges("datasource_nocloud_folder", nocloud_folder),
    Scenario::on_bookworm("datasource_nocloud_image", nocloud_image),
    Scenario::on_bookworm("datasource_gce", gce),
    Scenario::on_bookworm("datasource_openstack", openstack),
    on_trixie("datasource_digitalocean", digitalocean),
    Scenario::on_bookworm("datasource_hetzner", hetzner),
    on_trixie("datasource_oracle", oracle),
    Scenario::on_bookworm("datasource_azure", azure),
    on_trixie("datasource_vmware", vmware),
    on_trixie("datasource_lxd", lxd),
    on_trixie("datasource_akamai", akamai),
];

const fn on_trixie(name: &'static str, run: fn(Suite)) -> Scenario {
    Scenario { name, suites: &[Suite::Trixie], run }
}

/// Base64 undone, as a service does for its client.
fn decoded(base64: impl AsRef<[u8]>) -> Vec<u8> {
    STANDARD.decode(base64).unwrap()
}

fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x1f\x8b")
}

/// EC2 with IMDSv2, which a machine uses whose UUID and serial number begin with `ec2`.
fn ec2(order: Order, suite: Suite, user_data: &[u8]) {
    const UUID: &str = "ec2f1a2b-0000-4000-8000-000000000001";
    assert!(user_data.len() <= 16_384, "{} bytes", user_data.len());
    let cloud = order.in_cloud(suite, "Ec2", "{}");
    let cloud = cloud.firmware(&[("system-uuid", UUID), ("system-serial-number", UUID)]);
    let card = format!("meta-data/network/interfaces/macs/{}", cloud.mac());
    let identity = r#"{"instanceId": "i-0abc", "region": "eu-central-1"}"#;
    let mut cloud = cloud.put("latest/user-data", user_data);
    for (path, value) in [
        ("dynamic/instance-identity/document", identity),
        ("meta-data/instance-id", "i-0abc"),
        ("meta-data/ami-id", "ami-1"),
        ("meta-data/instance-type", "t3.small"),
        ("meta-data/public-ipv4", "203.0.113.7"),
        ("meta-data/local-hostname", "ip-192-0-2-10.ec2.internal"),
        ("meta-data/placement/availability-zone", "eu-central-1a"),
        (&format!("{card}/device-number"), "0"),
        (&format!("{card}/local-ipv4s"), "192.0.2.10"),
        (&format!("{card}/vpc-id"), "vpc-1"),
    ] {
        cloud = cloud.put(&format!("latest/{path}"), value);
    }
    for version in ["2018-09-24", "2021-03-23"] {
        let link = cloud.order.world.path("metadata").join(version);
        symlink("latest", link).unwrap();
    }
    cloud.behind("203.0.113.7").service(Some("X-aws-ec2-metadata-token: token")).boots();
}

/// The form takes text; the other tools of AWS come to the same bytes.
fn ec2_text(suite: Suite) {
    let mut order = Order::new(suite, 3);
    order.world.spec += &format!("web: {}\n", json!({"server": "nginx", "port": 8080}));
    let (user_data, _) = order.render(&["aws-form"]);
    let cli = order.render_json(&["aws-cli"]);
    assert_eq!(cli["UserData"].as_str().unwrap().as_bytes(), user_data);
    let tfvars = order.render_json(&["tfvars"]);
    let base64 = tfvars["machines"]["pages"]["user_data_base64"].as_str().unwrap();
    assert_eq!(decoded(base64), user_data);
    ec2(order, suite, &user_data);
}

/// Beyond the limit the form gets base64, which it undoes when the box is ticked.
fn ec2_gzip(suite: Suite) {
    let order = Order::new(suite, 700);
    let (text, notes) = order.render(&["aws-form"]);
    assert!(notes.contains("already been base64 encoded"), "{notes}");
    let user_data = decoded(text);
    assert!(is_gzip(&user_data));
    ec2(order, suite, &user_data);
}

fn ec2_parts(suite: Suite) {
    let order = Order::with_parts(suite);
    let template = order.render_json(&["aws-launch-template"]);
    let user_data = decoded(template["LaunchTemplateData"]["UserData"].as_str().unwrap());
    assert!(user_data.starts_with(b"Content-Type: multipart/mixed"));
    assert_eq!(String::from_utf8_lossy(&user_data).matches("filename=").count(), 4);
    ec2(order, suite, &user_data);
}

fn nocloud_folder(suite: Suite) {
    let order = Order::with_parts(suite);
    order.render(&["nocloud", "-o", "seed"]);
    nocloud(order, suite, |order, name| fs::read(order.world.path("seed").join(name)).unwrap());
}

fn nocloud_image(suite: Suite) {
    let order = Order::new(suite, 700);
    order.render(&["nocloud-iso", "-o", "seed.iso"]);
    nocloud(order, suite, |order, name| {
        let mut isoinfo = Command::new("isoinfo");
        let image = order.world.path("seed.iso");
        isoinfo.arg("-i").arg(image).args(["-R", "-x", &format!("/{name}")]);
        isoinfo.output().unwrap().stdout
    });
}

/// A folder or drive of NoCloud with these files.
fn nocloud(order: Order, suite: Suite, file: fn(&Order, &str) -> Vec<u8>) {
    let files = ["user-data", "meta-data", "network-config"].map(|name| (name, file(&order, name)));
    let cloud = order.in_cloud(suite, "NoCloud", "{}");
    for (name, content) in files {
        assert!(!content.is_empty(), "{name}");
        cloud.machine.write(&format!("/var/lib/cloud/seed/nocloud/{name}"), content);
    }
    cloud.boots();
}

/// Google: values of the metadata as they were set.
fn gce(suite: Suite) {
    let order = Order::with_parts(suite);
    let (text, notes) = order.render(&["gcp", "--compress", "always"]);
    assert!(notes.contains("user-data-encoding=base64"), "{notes}");
    let text = String::from_utf8(text).unwrap();
    let values = json!({"user-data": text, "user-data-encoding": "base64"});
    let settings = format!("{{metadata_url: 'http://{SERVICE}/computeMetadata/v1/'}}");
    let instance = |name: &str| format!("computeMetadata/v1/instance/{name}");
    order
        .in_cloud(suite, "GCE", &settings)
        .firmware(&[("system-product-name", "Google Compute Engine")])
        .put(&instance("id"), "4711")
        .put(&instance("zone"), "projects/1/zones/europe-west3-a")
        .put(&instance("hostname"), "pages.c.example.internal")
        .put(&instance("attributes"), values.to_string())
        .put("computeMetadata/v1/project/attributes", "{}")
        .service(Some("Metadata-Flavor: Google"))
        .boots();
}

/// The client encodes the file, and Nova hands out what it was.
fn openstack(suite: Suite) {
    let order = Order::with_parts(suite);
    let (user_data, _) = order.render(&["openstack", "--compress", "always"]);
    assert!(is_gzip(&user_data));
    let about = json!({"uuid": "u-1", "hostname": "pages.novalocal", "name": "pages"});
    order
        .in_cloud(suite, "OpenStack", "{}")
        .firmware(&[("system-product-name", "OpenStack Nova")])
        .put("openstack/.index", "2018-08-27\nlatest")
        .put("openstack/2018-08-27/meta_data.json", about.to_string())
        .put("openstack/2018-08-27/user_data", user_data)
        .put("latest/meta-data/instance-id", "i-1")
        .service(None)
        .boots();
}

/// The text is a string in JSON.
fn digitalocean(suite: Suite) {
    let order = Order::new(suite, 700);
    let user_data = String::from_utf8(order.render(&["digitalocean"]).0).unwrap();
    let firmware = [("system-manufacturer", "DigitalOcean"), ("system-serial-number", "4711")];
    let cloud = order.in_cloud(suite, "DigitalOcean", "{use_ip4LL: false}").firmware(&firmware);
    let ipv4 =
        json!({"ip_address": "192.0.2.10", "netmask": "255.255.255.0", "gateway": "192.0.2.1"});
    let about = json!({
        "droplet_id": 4711,
        "hostname": "pages",
        "region": "fra1",
        "user_data": user_data,
        "dns": {"nameservers": ["192.0.2.1"]},
        "interfaces": {"public": [{"mac": cloud.mac(), "type": "public", "ipv4": ipv4}]},
    });
    cloud.put("metadata/v1.json", about.to_string()).service(None).boots();
}

/// A string, which the machine decodes where it is one line of base64.
fn hetzner(suite: Suite) {
    let order = Order::new(suite, 1500);
    let (text, _) = order.render(&["hetzner"]);
    assert!(is_gzip(&decoded(&text)));
    let about = "instance-id: 4711\nhostname: pages\nnetwork-config: {version: 1, config: []}\n";
    order
        .in_cloud(suite, "Hetzner", "{}")
        .firmware(&[("system-manufacturer", "Hetzner"), ("system-serial-number", "4711")])
        .put("hetzner/v1/metadata/.index", about)
        .put("hetzner/v1/metadata/instance-id", "4711")
        .put("hetzner/v1/userdata", text)
        .service(None)
        .boots();
}

/// Base64 is handed out as it is in the metadata.
fn oracle(suite: Suite) {
    let order = Order::with_parts(suite);
    let user_data = String::from_utf8(order.render(&["oci"]).0).unwrap();
    let about = json!({
        "id": "ocid1.instance.1",
        "ociAdName": "1",
        "hostname": "pages",
        "displayName": "pages",
        "metadata": {"user_data": user_data},
    });
    let cloud = order.in_cloud(suite, "Oracle", "{}");
    let cloud = cloud.firmware(&[("chassis-asset-tag", "OracleCloud.com"), ("system-uuid", "u-1")]);
    let card = json!({"macAddr": cloud.mac(), "subnetCidrBlock": "192.0.2.0/24",
        "privateIp": "192.0.2.10", "virtualRouterIp": "192.0.2.1"});
    cloud
        .put("opc/v2/instance", about.to_string())
        .put("opc/v2/vnics", json!([card]).to_string())
        .service(Some("Authorization: Bearer Oracle"))
        .boots();
}

/// Base64 is in a file on a drive, here in the seed folder.
fn azure(suite: Suite) {
    let order = Order::with_parts(suite);
    let data = String::from_utf8(order.render(&["azure"]).0).unwrap();
    let cloud = order.in_cloud(suite, "Azure", "{}").firmware(&[
        ("chassis-asset-tag", "7783-7084-3265-9085-8269-3286-77"),
        ("system-uuid", "4711aaaa-0000-4000-8000-000000000001"),
    ]);
    let file = format!(
        r#"<?xml version="1.0" encoding="utf-8"?>
<Environment xmlns="http://schemas.dmtf.org/ovf/environment/1"
    xmlns:wa="http://schemas.microsoft.com/windowsazure">
  <wa:ProvisioningSection><wa:Version>1.0</wa:Version>
    <LinuxProvisioningConfigurationSet xmlns="http://schemas.microsoft.com/windowsazure">
      <ConfigurationSetType>LinuxProvisioningConfiguration</ConfigurationSetType>
      <HostName>pages</HostName><UserName>azureuser</UserName>
      <DisableSshPasswordAuthentication>true</DisableSshPasswordAuthentication>
      <CustomData>{data}</CustomData>
    </LinuxProvisioningConfigurationSet>
  </wa:ProvisioningSection>
  <wa:PlatformSettingsSection><wa:Version>1.0</wa:Version>
    <PlatformSettings xmlns="http://schemas.microsoft.com/windowsazure">
      <PreprovisionedVm>false</PreprovisionedVm>
    </PlatformSettings>
  </wa:PlatformSettingsSection>
</Environment>
"#
    );
    cloud.machine.write("/var/lib/cloud/seed/azure/ovf-env.xml", file);
    cloud.boots();
}

/// Variables of the hypervisor, which `vmware-rpctool` reads.
fn vmware(suite: Suite) {
    const RPCTOOL: &str = "#!/bin/sh\n\
        set -- $1\n\
        test \"$1\" = info-get || exit 0\n\
        cat \"/etc/guestinfo/$2\" 2>/dev/null || { printf 'No value found' >&2; exit 1; }\n";
    let order = Order::with_parts(suite);
    let (lines, _) = order.render(&["vmware", "--compress", "always"]);
    let cloud = order.in_cloud(suite, "VMware", "{}");
    let cloud = cloud.firmware(&[("system-product-name", "VMware Virtual Platform")]);
    for line in String::from_utf8(lines).unwrap().lines() {
        let (key, value) = line.split_once(" = ").unwrap();
        let value: String = serde_json::from_str(value).unwrap();
        cloud.machine.write(&format!("/etc/guestinfo/{key}"), value);
    }
    cloud.program("/usr/local/bin/vmware-rpctool", RPCTOOL);
    cloud.boots();
}

/// A socket in the machine, with the keys of the profile.
fn lxd(suite: Suite) {
    const KEY: &str = "cloud-init.user-data";
    let order = Order::new(suite, 3);
    let profile = String::from_utf8(order.render(&["lxd"]).0).unwrap();
    let profile = source::parse(&Source::new("profile", profile)).unwrap().to_json();
    let user_data = profile["config"][KEY].as_str().unwrap();
    let cloud = order.in_cloud(suite, "LXD", "{}");
    let root = Path::new("/usr/local/lib/devlxd");
    for (path, content) in [
        ("1.0/meta-data", "instance-id: i-1\nlocal-hostname: pages\n"),
        ("1.0/config/.index", &json!([format!("/1.0/config/{KEY}")]).to_string()),
        (&format!("1.0/config/{KEY}"), user_data),
        ("1.0/devices", "{}"),
    ] {
        cloud.machine.write(root.join(path).to_str().unwrap(), content);
    }
    cloud.program("/usr/local/bin/metadata.py", &fs::read_to_string(METADATA).unwrap());
    let service = format!(
        "ExecStart=/usr/local/bin/metadata.py --root {} --listen /dev/lxd/sock\n\
         ExecStartPost=sh -c 'until test -S /dev/lxd/sock; do sleep 0.1; done'",
        root.display()
    );
    cloud.early_service("devlxd", &service);
    cloud.boots();
}

/// Base64 is handed out as it was set.
fn akamai(suite: Suite) {
    let order = Order::with_parts(suite);
    let (base64, _) = order.render(&["linode"]);
    let about = json!({"id": 4711, "label": "pages", "region": "de-fra-2"});
    order
        .in_cloud(suite, "Akamai", "{allow_ipv6: false}")
        .firmware(&[("system-manufacturer", "Akamai"), ("system-serial-number", "4711")])
        .put("v1/instance", about.to_string())
        .put("v1/user-data", base64)
        .service(Some("Metadata-Token: token"))
        .boots();
}
