//! What is probably not meant: it is said, and the machines are made.

use crate::class::Class;

/// What is said of a roster and a parameter file that are fine.
fn said(roster: &str, spec: &str) -> String {
    let class = Class::new(roster, spec);
    let said = class.make();
    let again = class.ends(0, &["students.csv", "class.yaml", "--check"]);
    let warnings = |said: &str| said.matches("warning[").count();
    assert_eq!(warnings(&said), warnings(&again), "{said}{again}");
    said
}

#[test]
fn machines_that_are_the_same_are_noticed() {
    let three = "id,name\ns1,Kim\ns2,Lee\ns3,Park\n";
    let all = said(three, "hostname: lab\n");
    assert!(all.contains("warning[same-machine]: all 3 machines are the same"), "{all}");
    assert_eq!(all.matches("warning[").count(), 1, "{all}");
    let names = said(three, "hostname: lab\nweb: {index: \"{{ student.name }}\"}\n");
    assert!(
        names.contains("2 of the host names are that of an earlier machine, as in row 2 and 3"),
        "{names}"
    );
    let some =
        said("id,name\ns1,Kim\ns2,Kim\ns3,Park\n", "hostname: lab-{{ student.name | slug }}\n");
    assert!(
        some.contains("1 of the machines are the same as an earlier one, as in row 2 and 3"),
        "{some}"
    );
    for fine in ["hostname: lab-{{ student.id }}\n", "web: {index: \"{{ student.name }}\"}\n"] {
        assert!(!said(three, fine).contains("warning"), "{fine}");
    }
    assert!(!said("id\ns1\n", "hostname: lab\n").contains("warning"));
}

#[test]
fn certificates_are_counted() {
    let class = |count: usize| {
        let rows = (0..count).map(|number| format!("s{number}\n"));
        format!("id\n{}", rows.collect::<String>())
    };
    let own =
        "hostname: \"{{ student.id }}\"\nweb: {https: {name: \"{{ student.id }}.example.org\"}}\n";
    assert!(!said(&class(25), own).contains("warning"));
    let many = said(&class(40), own);
    assert!(many.contains("40 certificates: another launch has too few of the 50"), "{many}");
    assert!(said(&class(51), own).contains("51 certificates are more than the 50"));
    let address = own.replace("name: \"{{ student.id }}.example.org\"", "address: true");
    assert!(!said(&class(51), &address).contains("warning"));
    let one = said(&class(3), &own.replace("{{ student.id }}.example", "www.example"));
    assert!(one.contains("2 of the machines ask for a certificate of the same name"), "{one}");
}

#[test]
fn a_misspelt_column_is_asked_about() {
    let spec = "hostname: lab-{{ student.id }}\n";
    let said = said("id,hostnam,timzone,e-mail,user\ns1,a,b,c,d\n", spec);
    for (column, meant) in [("hostnam", "hostname"), ("timzone", "timezone")] {
        assert!(said.contains(&format!("nothing uses the column `{column}`")), "{said}");
        assert!(said.contains(&format!("did you mean `{meant}`?")), "{said}");
    }
    assert!(!said.contains("e-mail`"), "{said}");
    let used = super::doubts::said("id,hostnam\ns1,a\n", "hostname: \"{{ student.hostnam }}\"\n");
    assert!(!used.contains("warning"), "{used}");
}

#[test]
fn lost_zeros_are_noticed() {
    let spec = "hostname: lab-{{ student.id }}\n";
    let one = said("id\n00123\n456\n00789\n12345\n", spec);
    assert!(
        one.contains(
            "row 3: the number has fewer digits than those that begin with 0, which have 5"
        ),
        "{one}"
    );
    assert!(one.contains("has a spreadsheet taken the zeros away?"), "{one}");
    let two = said("id\n012\n45\n7\n", spec);
    assert!(two.contains("2 numbers, as in row 3, 4, have fewer digits"), "{two}");
    for fine in ["id\n123\n45\n", "id\n012\n345\n", "id\n01\n002\n3\n", "id\n0a1\n1\n"] {
        assert!(!said(fine, spec).contains("warning"), "{fine}");
    }
}
