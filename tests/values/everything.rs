//! One machine with every parameter set.

use serde_json::{Value, json};

/// A plain machine on which everything is turned on.
pub fn on() -> Value {
    json!({
        "distro": "debian",
        "hostname": "all.example.org",
        "timezone": "Asia/Seoul",
        "locale": "ko_KR.UTF-8",
        "swap": "512M",
        "users": [
            {
                "name": "kim", "groups": ["sudo", "staff"], "sudo": true, "shell": "/bin/sh",
                "ssh_authorized_keys": ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJabcdefghijkl kim@x"],
                "password": "correct horse",
            },
            { "name": "root", "ssh_authorized_keys": ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJabcdefghijkl kim@x"] },
            { "name": "lee", "groups": ["kim"], "password_hash": "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$tnSYvahCwPBHKZUspmcxMfb0.WiB9W.zEaKlOBL35rC" },
        ],
        "ssh_password_login": true,
        "default_user": false,
        "package_upgrade": true,
        "packages": ["git", "vim-tiny=2:9.0.1378-2"],
        "services": ["cron", "getty@tty2.service"],
        "files": [
            { "path": "/etc/motd", "content": "Welcome: \"all\"\n", "mode": "0600" },
            { "path": "/home/kim/a b.txt", "content": "on", "mode": "640" },
            { "path": "/srv/d/x", "content": "", "owner": "www-data:adm" },
            { "path": "/motd.extra", "content": "x\r\ny", "owner": "www-data" },
        ],
        "run": ["echo \"$HOME\" | cat >/root/out", ["printf", "%s\n", "a b", "$(id)"]],
        "apt": { "mirror": "http://mirror.example.org/debian", "proxy": "http://proxy:3128/", "sources": [{
            "name": "docker", "source": "deb [arch=amd64] https://docker.example.org/debian $RELEASE stable",
            "key": "-----BEGIN PGP PUBLIC KEY BLOCK-----\n",
        }] },
        "conda": {
            "distribution": "miniconda",
            "mirror": "https://mirror.example.org/anaconda/",
            "prefix": "/srv/conda",
            "owner": "kim",
            "channels": ["conda-forge", "https://conda.example.org/a:b", "pkgs/main", "pkgs/r"],
            "accept_anaconda_terms": true,
            "time_limit": 90,
            "environments": [
                { "name": "esac", "python": "3.12", "packages": ["flask>=3", "numpy[version='>=1.26']"],
                  "pip": ["flask-wtf==1.2.1; python_version < '4'"] },
                { "name": "한글", "pip": ["a", "b[c]>=1"], "index_url": "https://pip.example.org/simple",
                  "extra_index_urls": ["https://a.example.org/"], "find_links": ["https://b.example.org/x.html"] },
                { "name": "plain" },
            ],
        },
        "web": {
            "server": "nginx", "server_name": "www.example.org", "root": "/srv/a \"b\"",
            "index": "<h1>한글</h1>\n", "port": 8080,
        },
        "cloud_config": {
            "final_message": "done: $UPTIME",
            "write_files": [{ "path": "/etc/own", "content": "own" }],
            "bootcmd": [["echo", "on: early"]],
            "runcmd": ["echo 'a: b'", ["echo", "no"]],
        },
    })
}

/// The same with installers of one's own, and without consent.
pub fn own_installers() -> Value {
    let installer = |url: &str| json!({ "url": url, "sha256": "ab".repeat(32) });
    json!({
        "conda": {
            "distribution": "anaconda",
            "installer": {
                "x86_64": installer("https://example.org/a?x=1&y=[2]"),
                "aarch64": installer("https://example.org/other"),
            },
            "environments": [{ "name": "one" }],
        },
        "packages": ["git"],
    })
}

/// Nothing at all.
pub fn off() -> Value {
    json!({})
}
