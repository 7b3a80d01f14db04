//! The functions that a browser calls.
//!
//! In: a request, written into memory that [`bootseed_room`] gave. Out: the address of its answer:
//! four bytes with its length, least first, and behind them the JSON. [`bootseed_free`] takes it
//! back. A number that none of these gave is the caller's mistake, as in any interface in C.

/// Bytes of the length before an answer.
const HEAD: usize = 4;

/// Room for so many bytes of a request.
#[unsafe(no_mangle)]
pub extern "C" fn bootseed_room(length: usize) -> *mut u8 {
    Box::into_raw(vec![0_u8; length].into_boxed_slice()).cast()
}

/// Answers the request in that room, which is gone then.
///
/// # Safety
/// `room` is what [`bootseed_room`] gave for the same length, and was not given back yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bootseed_answer(room: *mut u8, length: usize) -> *mut u8 {
    let request = unsafe { Box::from_raw(std::ptr::slice_from_raw_parts_mut(room, length)) };
    let json = crate::answer(&request).to_string();
    let length = u32::try_from(json.len()).unwrap_or_default();
    let mut answer = Vec::with_capacity(HEAD + json.len());
    answer.extend(length.to_le_bytes());
    answer.extend(json.as_bytes());
    Box::into_raw(answer.into_boxed_slice()).cast()
}

/// Takes an answer back.
///
/// # Safety
/// `answer` is what [`bootseed_answer`] gave, and was not given back yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bootseed_free(answer: *mut u8) {
    let head = unsafe { std::slice::from_raw_parts(answer, HEAD) };
    let length = head.iter().rev().fold(0, |length, byte| length << 8 | usize::from(*byte));
    let all = std::ptr::slice_from_raw_parts_mut(answer, HEAD + length);
    drop(unsafe { Box::from_raw(all) });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_comes_back_behind_its_length() {
        let request = br#"{"ask":"nothing that is known"}"#;
        let room = bootseed_room(request.len());
        let answer = unsafe {
            std::ptr::copy_nonoverlapping(request.as_ptr(), room, request.len());
            bootseed_answer(room, request.len())
        };
        let head = unsafe { std::slice::from_raw_parts(answer, HEAD) };
        let length = u32::from_le_bytes([head[0], head[1], head[2], head[3]]);
        let text = unsafe { std::slice::from_raw_parts(answer.add(HEAD), length as usize) };
        assert!(text.starts_with(br#"{"failure":"#));
        unsafe { bootseed_free(answer) };
    }
}
