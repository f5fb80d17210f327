// The texts with mistakes that the tests open.
export const LETTER = `# Notes of the meeting 😀

She go to school every day. I dont know wether it helps.

We met the the neighbours, and Fnordlix was there.

\`\`\`
She go home.
\`\`\`
`;
export const TOOL = `"""Adds numbers."""


def total(prices):
    # She go to school every day.
    return sum(prices)
`;
export const NOTES = `# How our team makes backups

Every night a script copies our data to an second server. It usually takes an hour.

He walk to work, and I dont know why.

| Kind | How often   |
| ---- | ----------- |
| Full | every week  |

\`\`\`console
$ backup-tool run --all   # this command don't needs a password
\`\`\`
`;
