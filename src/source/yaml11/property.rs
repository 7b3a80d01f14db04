//! Anchors, aliases, tags and directives, as PyYAML's scanner reads them.
//!
//! In: the scanner at `&`, `*`, `!` or `%`. Out: a [`Token`].

use super::{
    scanner::Scanner,
    token::{Kind, Token, is_blank_or_end, is_end, is_space_or_end},
};

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_')
}

fn is_uri(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-;/?:@&=+$,_.!~*'()[]%".contains(c)
}

impl<'a> Scanner<'a> {
    pub(super) fn anchor(&mut self, kind: Kind) -> Result<Token<'a>, String> {
        self.skip();
        let name = self.word("a name is missing after `&` or `*`")?;
        let c = self.here();
        if !is_blank_or_end(c) && !"?:,]}%@`".contains(c) {
            return self.error(format!("`{c}` does not belong to a name"));
        }
        Ok(Token::new(kind, name))
    }

    fn word(&mut self, refusal: &str) -> Result<&'a str, String> {
        match self.take_while(is_word) {
            "" => self.error(refusal),
            word => Ok(word),
        }
    }

    pub(super) fn tag(&mut self) -> Result<Token<'a>, String> {
        let token = match self.peek(1) {
            '<' => {
                self.take(2);
                let uri = self.uri()?;
                if self.here() != '>' {
                    return self.error("a `>` is missing after a tag");
                }
                self.skip();
                Token::new(Kind::Tag, uri)
            }
            c if is_blank_or_end(c) => Token::new(Kind::Tag, self.take(1)),
            _ => {
                let behind = self.rest()[1..].split(is_space_or_end).next();
                let named = behind.is_some_and(|behind| behind.contains('!'));
                let handle = if named { self.tag_handle()? } else { self.take(1) };
                Token { handle: Some(handle), ..Token::new(Kind::Tag, self.uri()?) }
            }
        };
        if !is_space_or_end(self.here()) {
            return self.error("a space is missing after a tag");
        }
        Ok(token)
    }

    /// `!`, `!!` or `!name!`.
    fn tag_handle(&mut self) -> Result<&'a str, String> {
        if self.here() != '!' {
            return self.error("a tag begins with `!`");
        }
        if self.peek(1) == ' ' {
            return Ok(self.take(1));
        }
        let name = self.rest()[1..].split(|c| !is_word(c)).next().unwrap_or_default();
        if !self.rest()[1 + name.len()..].starts_with('!') {
            return self.error("a `!` is missing after the name of a tag");
        }
        Ok(self.take(name.len() + 2))
    }

    fn uri(&mut self) -> Result<String, String> {
        let mut bytes = Vec::new();
        while is_uri(self.here()) {
            let c = self.take(1);
            if c != "%" {
                bytes.extend(c.bytes());
                continue;
            }
            let digits = self.rest().get(..2).unwrap_or_default();
            match u8::from_str_radix(digits, 16) {
                Ok(byte) if !digits.starts_with('+') => bytes.push(byte),
                _ => return self.error("a `%` is followed by two hexadecimal digits"),
            }
            self.take(2);
        }
        if bytes.is_empty() {
            return self.error("a tag is missing after `!`");
        }
        String::from_utf8(bytes).or_else(|_| self.error("a tag is not UTF-8"))
    }

    pub(super) fn scan_directive(&mut self) -> Result<Token<'a>, String> {
        self.skip();
        let name = self.word("a name is missing after `%`")?;
        if !is_space_or_end(self.here()) {
            return self.error("a space is missing after a directive");
        }
        let token = match name {
            "YAML" => self.version()?,
            "TAG" => self.tag_directive()?,
            _ => {
                self.take_while(|c| !is_end(c));
                Token::new(Kind::OtherDirective, "")
            }
        };
        self.rest_of_line()?;
        Ok(token)
    }

    /// `1.1`; the token holds the first number.
    fn version(&mut self) -> Result<Token<'a>, String> {
        self.skip_spaces();
        let major = self.number()?;
        if self.here() != '.' {
            return self.error("a version is written as `1.1`");
        }
        self.skip();
        self.number()?;
        if !is_space_or_end(self.here()) {
            return self.error("a version is written as `1.1`");
        }
        Ok(Token::new(Kind::Version, major))
    }

    fn number(&mut self) -> Result<&'a str, String> {
        match self.take_while(|c| c.is_ascii_digit()) {
            "" => self.error("a version is written as `1.1`"),
            number => Ok(number),
        }
    }

    /// `!name! prefix`
    fn tag_directive(&mut self) -> Result<Token<'a>, String> {
        self.skip_spaces();
        let handle = self.tag_handle()?;
        if self.here() != ' ' {
            return self.error("a space is missing after the name of a tag");
        }
        self.skip_spaces();
        let prefix = self.uri()?;
        if !is_space_or_end(self.here()) {
            return self.error("a space is missing after a tag");
        }
        Ok(Token { handle: Some(handle), ..Token::new(Kind::TagDirective, prefix) })
    }
}
