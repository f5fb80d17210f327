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
