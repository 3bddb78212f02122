"""The sentences that gatedsym prints: whole messages with variables, in a file for each room, ``en/ROOM.ftl``.

The files are Fluent's (projectfluent.org), so that a translator's tools read them. A room prints from its own file::

    from gatedsym.messages import room

    say = room("check")                                    # at the top of a module; nothing is read yet

    say("first-wrong-line", line=3, cell="lstm")         # str: for a terminal, and for what is escaped whole
    say.html("first-wrong-line", line=3, cell="lstm")    # Markup: messages may have tags, variables are escaped
    say.spans("adjoint-adds", left=box, right=other)     # (words, box, words, …): formulas among words

and in ``gatedsym/messages/en/check.ftl``::

    # gatedsym check: above the two terms, when an equation's outgoing adjoint is wrong.
    first-wrong-line = Line { $line } of { $cell } is the first whose adjoint differs.

    # gatedsym check: the last line. Variables: $count (slips found).
    slips-found = { $count ->
        [one] One slip leaves this evidence.
       *[other] { $count } slips leave this evidence.
    }

Rules, which `tests/messages/` holds:

- A message is a whole sentence, or a whole heading, label or cell of a table. Cases are messages of their own, or
  variants of one (``{ $kind -> [state] … *[output] … }``); code never glues words together.
- A comment above it says where it stands.
- Its name is written out where it is said: ``say("name", …)``. Families whose names follow from data, such as a remark
  for each activation, are said as ``say(f"activation-{name}")``; `Room.has` tells whether there is one.
- It gets exactly the variables that it names; one that is missing or left over is an error.
- What carries sentences beside its numbers, such as a task, holds them by name until somebody reads them:
  `gatedsym.messages.later`.
- A number that is counted is an int, and printed plainly. Other numbers are formatted where the digits are decided:
  ``f"{value:.3g}"``. A float is refused.
- Lines of a message that follow each other are one line of text; an empty line between them is kept. Blanks at either
  end are no part of a message. Braces, and what would be lost at an end, are written ``{"{"}``.
- In a template, ``say`` is the global that prints the messages of the room that the template stands in as HTML:
  ``{{ say("name", factor=factor) }}``.
- What is printed as LaTeX or Markdown is escaped whole, by the printer of that format: ``text_latex(say("name"))``.
  Where formulas stand among the words, say it as spans: the printers of `gatedsym.typesetting` escape the words.
"""

from gatedsym.messages.rooms import Room, room

__all__ = ["Room", "room"]
