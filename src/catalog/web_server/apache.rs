//! Apache.

use super::{Secure, WebServer};

/// Apache 2.4 as Debian packages it: <https://httpd.apache.org/docs/2.4/>
pub(super) const APACHE: WebServer = WebServer {
    name: "apache",
    about: "Apache, from the distribution's packages",
    package: "apache2",
    service: "apache2",
    default_site: "/etc/apache2/sites-enabled/000-default.conf",
    prepare: Some(&["a2enmod", "-q", "asis", "headers", "proxy", "proxy_http", "rewrite"]),
    test: &["apache2ctl", "configtest"],
    secure: Secure {
        prepare: Some(&["a2enmod", "-q", "ssl"]),
        switch: "Define with_https\n",
        redirect: "Define https_name NAME\n",
    },
    drop_in: "/etc/systemd/system/apache2.service.d/bootseed.conf",
    complaint: r"AH\d{5}:|Syntax error|make_sock",
    // The package's own has `Listen 80`, twice with which Apache does not start.
    files: &[
        ("/etc/apache2/ports.conf", "web/apache.conf.j2"),
        ("/etc/bootseed/starting.asis", "web/starting.asis.j2"),
    ],
    status: "web/apache-status.conf.j2",
    replaced: &[
        "/etc/apache2/apache2.conf",
        "/etc/apache2/sites-available/000-default.conf",
        "/etc/apache2/sites-enabled/000-default.conf",
    ],
    sites: &[
        "/etc/apache2/conf-enabled",
        "/etc/apache2/sites-available",
        "/etc/apache2/sites-enabled",
    ],
    // It may begin a variable: <https://httpd.apache.org/docs/2.4/configuring.html#syntax>
    unquotable: "$",
};
