; Markup within a block.

(emphasis_delimiter) @skip
(html_tag) @skip
(backslash_escape) @escape
; An image is seldom a word of its sentence; its description is read as a label of its own.
(image) @skip
(image (image_description) @piece)
(image (link_title) @piece)
(inline_link (link_title) @piece)

(inline_link) @skip
(full_reference_link) @skip
(collapsed_reference_link) @skip
(inline_link (link_text) @prose)
(full_reference_link (link_text) @prose)
(collapsed_reference_link (link_text) @prose)

(uri_autolink) @stand-in
(email_autolink) @stand-in

(entity_reference) @character
(numeric_character_reference) @character

(hard_line_break) @hard-break
