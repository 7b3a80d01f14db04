//! nginx.

use super::{Secure, WebServer};

/// nginx as Debian packages it: <https://nginx.org/en/docs/>
pub(super) const NGINX: WebServer = WebServer {
    name: "nginx",
    about: "nginx, from the distribution's packages",
    package: "nginx",
    service: "nginx",
    default_site: "/etc/nginx/sites-enabled/default",
    prepare: None,
    test: &["nginx", "-t"],
    secure: Secure {
        prepare: None,
        switch: "\
listen 443 ssl;
listen [::]:443 ssl;
ssl_certificate /etc/letsencrypt/live/bootseed/fullchain.pem;
ssl_certificate_key /etc/letsencrypt/live/bootseed/privkey.pem;
ssl_protocols TLSv1.2 TLSv1.3;
",
        redirect: "\
set $asked \"$scheme $remote_addr $uri\";
if ($asked ~ \"^http (?!127[.]0[.]0[.]1 )[^ ]+ (?!/status[.]json$|/[.]well-known/acme-challenge/)\") {
  return 302 https://NAME$request_uri;
}
",
    },
    drop_in: "/etc/systemd/system/nginx.service.d/bootseed.conf",
    complaint: r"\[emerg\]",
    files: &[("/etc/nginx/conf.d/bootseed.conf", "web/nginx.conf.j2")],
    status: "web/nginx-status.conf.j2",
    replaced: &[
        "/etc/nginx/nginx.conf",
        "/etc/nginx/sites-available/default",
        "/etc/nginx/sites-enabled/default",
    ],
    sites: &["/etc/nginx/conf.d", "/etc/nginx/sites-available", "/etc/nginx/sites-enabled"],
    // It begins a variable: <https://nginx.org/en/docs/http/ngx_http_core_module.html#root>
    unquotable: "$",
};
