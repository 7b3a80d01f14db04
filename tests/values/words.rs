//! Words as bash and nginx read them, as far as rendered files use their quoting: written from
//! bash(1) and nginx's `ngx_conf_read_token`, not from the code under test.

/// The words of every command in a program that begins a line like this.
pub fn commands(program: &str, beginning: &str) -> Vec<Vec<String>> {
    let starts = std::iter::once(0).chain(program.match_indices('\n').map(|(at, _)| at + 1));
    starts
        .map(|at| program[at..].trim_start_matches(' '))
        .filter(|line| line.starts_with(beginning))
        .map(bash)
        .collect()
}

/// The words up to the first line end that is not quoted. What is between quotes of the program's
/// own, such as `"$x"`, stays as it stands.
pub fn bash(text: &str) -> Vec<String> {
    let (mut words, mut word): (Vec<Vec<u8>>, Option<Vec<u8>>) = (Vec::new(), None);
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        match (first, tail) {
            (b'\n', _) => break,
            (b' ', _) => words.extend(word.take()),
            (b'\'', _) => rest = single(rest, word.get_or_insert_default()),
            (b'$', [b'\'', inner @ ..]) => rest = ansi_c(inner, word.get_or_insert_default()),
            (b'\\', [next, after @ ..]) => {
                word.get_or_insert_default().push(*next);
                rest = after;
            }
            _ => word.get_or_insert_default().push(*first),
        }
    }
    words.extend(word);
    words.into_iter().map(|word| String::from_utf8_lossy(&word).into_owned()).collect()
}

fn single<'a>(text: &'a [u8], word: &mut Vec<u8>) -> &'a [u8] {
    let end = text.iter().position(|byte| *byte == b'\'').expect("the quote is closed");
    word.extend(&text[..end]);
    &text[end + 1..]
}

fn ansi_c<'a>(mut text: &'a [u8], word: &mut Vec<u8>) -> &'a [u8] {
    loop {
        match text {
            [b'\'', rest @ ..] => return rest,
            [b'\\', b'x', rest @ ..] => {
                let digits = rest.iter().take(2).take_while(|b| b.is_ascii_hexdigit()).count();
                let number = str::from_utf8(&rest[..digits]).expect("digits");
                word.push(u8::from_str_radix(number, 16).expect("a number"));
                text = &rest[digits..];
            }
            [b'\\', c, rest @ ..] => {
                word.push(if *c == b'n' { b'\n' } else { *c });
                text = rest;
            }
            [c, rest @ ..] => {
                word.push(*c);
                text = rest;
            }
            [] => panic!("the quote is not closed"),
        }
    }
}

/// The words behind the first directive of this name.
pub fn directive(site: &str, name: &str) -> Vec<String> {
    let start = format!("  {name} ");
    let Some(at) = site.find(&start) else { return Vec::new() };
    nginx(&site[at + start.len()..])
}

fn nginx(text: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), String::new(), false);
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some(next @ ('"' | '\'' | '\\')) => word.push(next),
                Some('n') => word.push('\n'),
                Some('r') => word.push('\r'),
                Some('t') => word.push('\t'),
                next => word.extend(std::iter::once('\\').chain(next)),
            },
            '"' => quote = !quote,
            ' ' | ';' if !quote => {
                words.push(std::mem::take(&mut word));
                if c == ';' {
                    return words;
                }
            }
            _ => word.push(c),
        }
    }
    panic!("no end of the directive: {text}")
}
