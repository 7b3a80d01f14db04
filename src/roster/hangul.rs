//! Hangul in Latin letters.
//!
//! The letters are those of the Revised Romanization of Korean (국어의 로마자 표기법), chapter 2:
//! <https://www.korean.go.kr/front_eng/roman/roman_01.do>. Which sound a final consonant has is in
//! the Standard Pronunciation (표준 발음법), articles 8 to 11:
//! <https://korean.go.kr/kornorms/regltn/regltnView.do?regltn_code=0002>.
//!
//! Each syllable is written as it sounds alone. What one syllable does to the next is left out:
//! 신라 is `sinra`, not `Silla`, and 백암 `baekam`, not `Baegam`. For given names the Romanization
//! leaves assimilation out as well (chapter 3, 4: 한복남 is `Han Boknam`). So are the exceptions of
//! single words (밟 is `bal`), and spellings that a person chose: 김 is `gim`, not `Kim`.

/// The 19 initial consonants, in the order of Unicode (The Unicode Standard, 3.12): ㄱ ㄲ ㄴ ㄷ ㄸ
/// ㄹ ㅁ ㅂ ㅃ ㅅ ㅆ ㅇ ㅈ ㅉ ㅊ ㅋ ㅌ ㅍ ㅎ.
const INITIALS: [&str; 19] = [
    "g", "kk", "n", "d", "tt", "r", "m", "b", "pp", "s", "ss", "", "j", "jj", "ch", "k", "t", "p",
    "h",
];

/// The 21 vowels: ㅏ ㅐ ㅑ ㅒ ㅓ ㅔ ㅕ ㅖ ㅗ ㅘ ㅙ ㅚ ㅛ ㅜ ㅝ ㅞ ㅟ ㅠ ㅡ ㅢ ㅣ.
const VOWELS: [&str; 21] = [
    "a", "ae", "ya", "yae", "eo", "e", "yeo", "ye", "o", "wa", "wae", "oe", "yo", "u", "wo", "we",
    "wi", "yu", "eu", "ui", "i",
];

/// No final consonant and the 27: ㄱ ㄲ ㄳ ㄴ ㄵ ㄶ ㄷ ㄹ ㄺ ㄻ ㄼ ㄽ ㄾ ㄿ ㅀ ㅁ ㅂ ㅄ ㅅ ㅆ ㅇ ㅈ ㅊ ㅋ ㅌ ㅍ ㅎ.
/// The articles leave ㅎ at the end of a word out: it sounds as ㄷ in the only one, 히읗.
const FINALS: [&str; 28] = [
    "", "k", "k", "k", "n", "n", "n", "t", "l", "k", "m", "l", "l", "l", "p", "l", "m", "p", "p",
    "t", "t", "ng", "t", "t", "k", "t", "p", "t",
];

/// The first syllable of Unicode, 가.
const FIRST: u32 = 0xac00;

/// The three parts of a whole syllable in Latin letters; nothing for any other character.
pub(super) fn romanise(syllable: char) -> Option<[&'static str; 3]> {
    let index = usize::try_from(u32::from(syllable).checked_sub(FIRST)?).ok()?;
    let (above, last) = (index / FINALS.len(), index % FINALS.len());
    let (first, vowel) = (above / VOWELS.len(), above % VOWELS.len());
    Some([INITIALS.get(first)?, VOWELS[vowel], FINALS[last]])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> String {
        text.chars().map(|c| romanise(c).unwrap().concat()).collect()
    }

    #[test]
    fn every_initial_and_every_vowel_is_written_by_the_table() {
        for (text, expected) in [
            ("가 까 나 다 따 라 마 바 빠", "ga kka na da tta ra ma ba ppa"),
            ("사 싸 아 자 짜 차 카 타 파 하", "sa ssa a ja jja cha ka ta pa ha"),
            ("아 어 오 우 으 이 애 에 외 위", "a eo o u eu i ae e oe wi"),
            ("야 여 요 유 얘 예 와 왜 워 웨 의", "ya yeo yo yu yae ye wa wae wo we ui"),
        ] {
            let words: Vec<String> = text.split(' ').map(written).collect();
            assert_eq!(words.join(" "), expected);
        }
    }

    #[test]
    fn every_final_is_written_as_it_sounds() {
        for (text, expected) in [
            ("각 밖 부엌 넋 닭 읽 흙", "gak bak bueok neok dak ik heuk"),
            ("간 앉 많", "gan an man"),
            ("곧 있 옷 낮 꽃 밭 히읗", "got it ot nat kkot bat hieut"),
            ("갈 여덟 곬 핥 잃", "gal yeodeol gol hal il"),
            ("감 삶", "gam sam"),
            ("갑 값 없 앞 읊", "gap gap eop ap eup"),
            ("강 뷁 최", "gang bwek choe"),
        ] {
            let words: Vec<String> = text.split(' ').map(written).collect();
            assert_eq!(words.join(" "), expected);
        }
    }

    /// Those of its examples whose syllables do not change each other.
    #[test]
    fn the_examples_of_the_romanization_are_written_the_same() {
        for (text, expected) in [
            ("구미 영동 옥천 합덕 호법", "gumi yeongdong okcheon hapdeok hobeop"),
            ("월곶 벚꽃 한밭 구리 칠곡 임실", "wolgot beotkkot hanbat guri chilgok imsil"),
            ("묵호 집현전 압구정 낙동강", "mukho jiphyeonjeon apgujeong nakdonggang"),
            (
                "죽변 낙성대 합정 팔당 샛별 울산",
                "jukbyeon nakseongdae hapjeong paldang saetbyeol ulsan",
            ),
            ("부산 세종 민용하 송나리", "busan sejong minyongha songnari"),
            ("한복남 홍빛나", "hanboknam hongbitna"),
        ] {
            let words: Vec<String> = text.split(' ').map(written).collect();
            assert_eq!(words.join(" "), expected);
        }
    }

    #[test]
    fn only_whole_syllables_are_written() {
        assert_eq!(romanise('가'), Some(["g", "a", ""]));
        assert_eq!(romanise('힣'), Some(["h", "i", "t"]));
        for other in ['\u{abff}', '\u{d7a4}', 'ㄱ', '\u{1100}', 'a', '金', char::MAX] {
            assert_eq!(romanise(other), None, "{other}");
        }
    }
}
