/** What is guessed first, in lower case; `checkPassword` also looks at a password without the digits at its end. */
export const COMMON_PASSWORDS: ReadonlySet<string> = new Set(
  `
  12345678 123456789 1234567890 87654321 987654321 11111111 00000000 12341234 11223344 12344321 123123123 1q2w3e4r
  1q2w3e4r5t 1qaz2wsx 1qazxsw2 qwertyui qwertyuiop qwerty asdfghjk asdfghjkl asdfasdf zxcvbnm zxcvbnm1 qazwsxedc q1w2e3r4
  password passw0rd p@ssword p@ssw0rd passwort motdepasse contraseña senha mypassword password1 iloveyou iloveu
  sunshine princess football baseball basketball superman batman spiderman starwars pokemon dragon monkey shadow master
  michael jennifer jessica ashley charlie jordan thomas daniel matthew andrew joshua robert hunter ranger buster
  welcome welcome1 letmein letmein1 trustno1 whatever computer internet samsung google facebook instagram linkedin
  administrator admin admin123 adminadmin root rootroot toor changeme changeit default guest testtest test test1234 secret
  abcdefgh abcdefg abcd1234 abc12345 abcabc aa123456 a1234567 a123456789 hello hellohello freedom mustang corvette ferrari
  liverpool chelsea arsenal barcelona juventus realmadrid manchester summer winter spring autumn january february
  october november december monday friday flower butterfly chocolate cookie banana orange purple cheese pepper ginger
  bitcoin ethereum solana blockchain satoshi crypto wallet token kontrib florin wikipedia
  `
    .trim()
    .split(/\s+/),
)
