"""Every reply that the receiver gives, named for its meaning. Enhanced codes: RFC 3463, RFC 5248; RFC 2034 §4 wants
one in each reply except the greeting and the answer to HELO and EHLO."""

# Success
GREETING = "220 {hostname} ESMTP"
OK = "250 2.0.0 OK"
SENDER_OK = "250 2.1.0 Sender OK"
RECIPIENT_OK = "250 2.1.5 Recipient OK"
GO_AHEAD = "354 End data with <CR><LF>.<CR><LF>"
KEPT = "250 2.0.0 {receipt_id} kept"
CHUNK_TAKEN = "250 2.0.0 {size_bytes} octets taken"
GOODBYE = "221 2.0.0 Goodbye"
CANNOT_VERIFY = "252 2.5.2 Send the mail, and RCPT will tell"  # RFC 5321 §7.3
NO_HELP = "214 2.0.0 See RFC 5321"

# The sender may try again
STOPPING = "421 4.3.2 Stopping, try again soon"
TOO_QUIET = "421 4.4.2 Nothing heard for too long"
TOO_SLOW = "421 4.4.2 The mail comes too slowly"
SESSION_TOO_LONG = "421 4.4.2 Long enough, come again"
TOO_MANY_CONNECTIONS = "421 4.7.0 Too many connections, try again"
TOO_MANY_FROM_NETWORK = "421 4.7.0 Too many connections from your network, try again"
TOO_OFTEN_FROM_NETWORK = "421 4.7.0 Too many connections from your network in a minute, try again"
TOO_MANY_GUESSES = "450 4.7.1 Too many recipients that are not here, from your network, try again"
TOO_MANY_ERRORS = "421 4.7.0 Too many commands that cannot be followed"
TOO_MANY_UNKNOWN = "421 4.7.0 Too many recipients that are not here"
TOO_MANY_COMMANDS = "421 4.7.0 Too many commands without a mail"
TRY_LATER = "451 4.3.0 Not able to take this now, try again"
NEARLY_FULL = "452 4.3.1 Not enough room now, try again"
TOO_MANY_RECIPIENTS = "452 4.5.3 Too many recipients, send the others in another mail"

# The command is not one that can be followed
LINE_TOO_LONG = "500 5.5.6 Line too long"
UNKNOWN_COMMAND = "500 5.5.1 Command not known"
BAD_ARGUMENTS = "501 5.5.4 Arguments not understood"
BAD_SENDER = "501 5.1.7 Not an address: MAIL FROM:<address> is expected"
BAD_RECIPIENT = "501 5.1.3 Not an address: RCPT TO:<address> is expected"
NOT_OFFERED = "502 5.5.1 Command not offered"
HELLO_FIRST = "503 5.5.1 EHLO or HELO first"
MAIL_FIRST = "503 5.5.1 MAIL first"
RECIPIENT_FIRST = "503 5.5.1 RCPT with an accepted recipient first"
ONE_MAIL_AT_A_TIME = "503 5.5.1 MAIL was given, RSET drops it"
NO_DATA_BETWEEN_CHUNKS = "503 5.5.1 The mail comes by BDAT, RSET drops it"
BODY_NOT_OFFERED = "555 5.5.4 BODY can be 7BIT or 8BITMIME"

# The mail is not for us
NO_SUCH_RECIPIENT = "550 5.1.1 No such recipient"
NO_RELAYING = "550 5.7.1 Not a domain of ours, mail is not relayed"
LOOPED = "554 5.4.6 Mail goes in circles"
TOO_LARGE = "552 5.3.4 Mail too large"
