//! Accounts and groups that are on an image before anybody asks for one.

/// Accounts that every Debian has (base-passwd's `passwd.master`), or that its packages make.
/// cloud-init leaves an account that exists as it is.
pub const SYSTEM: &[&str] = &[
    "root",
    "daemon",
    "bin",
    "sys",
    "sync",
    "games",
    "man",
    "lp",
    "mail",
    "news",
    "uucp",
    "proxy",
    "www-data",
    "backup",
    "list",
    "irc",
    "_apt",
    "nobody",
    "sshd",
    "messagebus",
    "syslog",
];

/// Accounts that images of other distributions have
/// (<https://docs.fedoraproject.org/en-US/quick-docs/>: package `setup`), or those with more packages
/// of their own.
pub const ELSEWHERE: &[&str] = &[
    "chrony",
    "dbus",
    "ftp",
    "halt",
    "landscape",
    "lxd",
    "polkitd",
    "pollinate",
    "shutdown",
    "systemd-network",
    "systemd-resolve",
    "systemd-timesync",
    "tcpdump",
    "tss",
    "uuidd",
    "wheel",
];

/// Groups of every image that are no accounts: base-passwd's `group.master`, and those of systemd,
/// udev and OpenSSH. `useradd` makes no account of such a name.
pub const GROUPS: &[&str] = &[
    "_ssh", "adm", "audio", "cdrom", "crontab", "dialout", "dip", "disk", "fax", "floppy", "input",
    "kmem", "kvm", "netdev", "nogroup", "operator", "plugdev", "render", "sasl", "sgx", "shadow",
    "src", "staff", "sudo", "tape", "tty", "users", "utmp", "video", "voice",
];

/// Accounts whose group is `nogroup`.
pub const WITHOUT_GROUP: &[&str] = &["_apt", "nobody", "sshd", "sync"];

/// Accounts that images come with by default, by the cloud and the distribution.
pub const OF_IMAGES: &[&str] = &[
    "ubuntu",
    "debian",
    "admin",
    "ec2-user",
    "centos",
    "fedora",
    "rocky",
    "almalinux",
    "alpine",
    "cloud-user",
    "opensuse",
    "opc",
    "arch",
    "azureuser",
];
