; Blocks of CommonMark and GitHub Flavored Markdown. Where several patterns match a node, the last one counts.

(paragraph (inline) @paragraph)
(list_item (paragraph (inline) @list-item))
(list_item (block_quote (paragraph (inline) @list-item)))
(setext_heading (paragraph (inline) @heading))
((atx_heading (inline) @heading)
  (#set! trim "(?:^|[ \t]+)#+[ \t]*$"))
(pipe_table_cell) @table-cell
; A paragraph that is all caption, all bold or all link: a title.
((paragraph (inline) @label)
  (#match? @label "^(<(span|p|div) class=.?(caption|title)|[*][*][^*\n]+[*][*]$|\\[[^\\]\n]+\\]\\([^()\n]+\\)$)"))

(html_block) @injection.html-fragment

; `> ` and indentation at the beginning of a continued line.
(block_continuation) @prefix
