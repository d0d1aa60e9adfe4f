# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of the sample mailbox: people, conversations, notices."""

ME = ("Anna Berg", "anna@example.org")

# Key: name, address.
PEOPLE = {
    "bob": ("Bob Castellanos", "bob.castellanos@example.com"),
    "carla": ("Carla Moreau", "carla@atelier-moreau.example"),
    "dmitri": ("Дмитрий Соколов", "sokolov@observatory.example"),
    "eun": ("김은지", "eunji.kim@example.kr"),
    "farid": ("Farid Haddad", "farid@haddad.example"),
    "greta": ("Greta Lindström", "greta.lindstrom@example.se"),
    "hiro": ("山本 浩", "hiro@yamamoto.example"),
    "ines": ("Inês Figueiredo", "ines@figueiredo.example"),
    "jonas": ("Jonas Weiß", "jonas.weiss@example.de"),
    "kofi": ("Kofi Mensah", "kofi.mensah@example.com"),
    "li": ("李晓明", "lixm@example.cn"),
    "maya": ("Maya Okafor", "maya@okafor.example"),
    "niall": ("Niall O'Shea", "niall@oshea.example"),
    "olga": ("Ольга Петрова", "olga.petrova@example.com"),
    "petr": ("Petr Dvořák", "petr@dvorak.example"),
    "quentin": ("Quentin Lacroix", "q.lacroix@example.fr"),
    "rosa": ("Rosa Marchetti", "rosa.marchetti@example.it"),
    "sam": ("Sam Whitfield", "sam@whitfield.example"),
    "tove": ("Tove Nygård", "tove@nygard.example"),
    "uma": ("Uma Raghunathan", "uma.r@example.in"),
    "vikas": ("Vikas Sharma", "vikas@example.in"),
    "wanda": ("Wanda Kowalczyk", "wanda@kowalczyk.example"),
    "mum": ("Ingrid Berg", "ingrid.berg@example.net"),
    "yannis": ("Γιάννης Παπαδόπουλος", "yannis@example.gr"),
    "zoe": ("Zoë Vandenberghe", "zoe@example.be"),
    "layla": ("ليلى منصور", "layla@mansour.example"),
    "noam": ("נועם כהן", "noam@example.co.il"),
}

# A conversation: subject, then turns. A turn is (who, the turn it answers or
# None, text, options). Options: charset, flowed, html, attach, flags, cc.
CONVERSATIONS = [
    ("Boiler inspection on Thursday", [
        ("kofi", None, """Hello Anna,

the inspector can come on Thursday between 10 and 12. Somebody has to be in
to open the cellar. Could that be you, or shall I ask the neighbours?

Kofi""", {}),
        ("me", 0, """Thursday works, I am at home until one. The key to the
meter cupboard is the small brass one, right?

Anna""", {}),
        ("kofi", 1, """Yes, the brass one. If it sticks, pull the door towards
you while you turn it. Thanks!

Kofi""", {}),
        ("bob", 0, """I have the old inspection report from 2019 if he asks
for it. It is in the green binder on top of the fridge.""", {}),
    ]),
    ("Draft of the bridge report", [
        ("jonas", None, """Hallo Anna,

anbei der Entwurf des Berichts über die Brücke. Die Messungen am nördlichen
Widerlager fehlen noch; die bekomme ich erst am Montag. Schau bitte vor allem
auf Kapitel 3, da bin ich mir bei den Zwängungen nicht sicher.

Grüße
Jonas""", {"charset": "windows-1252",
           "attach": [("Entwurf Brücke v3.pdf", "application/pdf", 48211)]}),
        ("me", 0, """Hallo Jonas,

danke! Kapitel 3 liest sich gut. Zwei Anmerkungen:

1. Die Temperaturspanne ist mit 55 K angesetzt, in der Norm sind es 60.
2. In Tabelle 7 stehen Einheiten einmal in kN und einmal in MN.

Anna""", {"charset": "utf-8"}),
        ("jonas", 1, """Beides stimmt, ist geändert. Tabelle 7 kam noch aus dem
alten Programm, das hat schon immer gemischt.

Jonas""", {"charset": "iso-8859-1"}),
        ("petr", 0, """Zdravím vespolek,

I looked at the sensors on pier two again: channel 14 was swapped with 15
from March to June. Please do not publish figure 12 before I have corrected
the series.

Petr""", {"charset": "iso-8859-2", "cc": ["jonas"]}),
        ("me", 3, """Good that you saw it. Figure 12 stays out until you give
the word.

Anna""", {}),
        ("petr", 4, """Corrected and uploaded. The difference is smaller than
I feared: 0.3 mm at the maximum.""", {"flags": "U"}),
    ]),
    ("Chess on Sunday?", [
        ("farid", None, """Anna, the club meets at three this Sunday because
the room is taken in the evening. Are you in? I owe you a game since the
endgame I spoiled in October.

Farid""", {"flags": "F"}),
        ("me", 0, "I am in. And I take White this time.", {}),
        ("farid", 1, "Take whatever you like, I have been preparing :)", {}),
        ("niall", 0, "I'll be there as well, with the new clocks.", {}),
        ("sam", 3, """Are those the ones with the delay mode? Then somebody
should explain them to Wanda, who dropped the last one.""", {}),
        ("wanda", 4, "I did not drop it. It jumped.", {"flags": "U"}),
    ]),
    ("会議の日程について", [
        ("hiro", None, """アンナさん

お世話になっております。山本です。

来月の会議の日程ですが、十二日(木)の午後はいかがでしょうか。
会場はいつもの会議室を予約しておきます。資料は前日までにお送りします。

よろしくお願いいたします。

山本 浩""", {"charset": "iso-2022-jp"}),
        ("me", 0, """山本さん

十二日で大丈夫です。資料をお待ちしています。

アンナ""", {"charset": "iso-2022-jp"}),
        ("hiro", 1, """ありがとうございます。では十二日の十四時からお願いします。

山本""", {"charset": "utf-8", "flags": "U"}),
    ]),
    ("Наблюдения за март", [
        ("dmitri", None, """Здравствуйте, Анна!

Посылаю таблицу наблюдений за март. Облачных ночей было девять, остальные
обработаны полностью. Фотометрия переменных - в отдельном файле.

С уважением,
Дмитрий Соколов""", {"charset": "koi8-r",
                     "attach": [("март.csv", "text/csv", 9120)]}),
        ("me", 0, "Дмитрий, спасибо! Таблица открывается, всё на месте.",
         {"charset": "koi8-r"}),
        ("olga", 0, """Добрый день!

У меня вопрос по столбцу "поглощение": это уже с поправкой за высоту?

Ольга""", {"charset": "windows-1251"}),
        ("dmitri", 2, "Да, с поправкой. Без поправки - столбец рядом.",
         {"charset": "koi8-r", "flags": "U"}),
    ]),
    ("关于下周的样品", [
        ("li", None, """安娜，你好：

样品已经寄出，预计下周二到达。收到以后请先检查包装，再放进冰箱。
如有问题，请随时联系我。

李晓明""", {"charset": "gb18030",
            "attach": [("装箱单.txt", "text/plain", 640)]}),
        ("me", 0, "谢谢，收到后我马上告诉你。", {"charset": "utf-8"}),
    ]),
    ("이번 주말 등산", [
        ("eun", None, """안나 씨,

토요일 아침 일곱 시에 역 앞에서 만나요. 날씨가 추울 것 같으니 장갑을 꼭
가져오세요. 점심은 제가 준비할게요.

은지""", {"charset": "euc-kr"}),
        ("me", 0, "좋아요! 커피는 제가 가져갈게요.", {"charset": "utf-8"}),
    ]),
    ("Φωτογραφίες από τη Νάξο", [
        ("yannis", None, """Γεια σου Άννα,

σου στέλνω μερικές φωτογραφίες από το καλοκαίρι. Η τρίτη είναι από το
καφενείο πάνω από το λιμάνι.

Γιάννης""", {"charset": "iso-8859-7",
             "attach": [("naxos-1.jpg", "image/jpeg", 30100),
                        ("naxos-2.jpg", "image/jpeg", 28810),
                        ("καφενείο.jpg", "image/jpeg", 31500)]}),
    ]),
    ("موعد الترجمة", [
        ("layla", None, """مرحبا آنا،

الترجمة جاهزة وسأرسلها يوم الأحد بعد المراجعة الأخيرة.

ليلى""", {"charset": "utf-8"}),
    ]),
    ("הזמנה לכנס", [
        ("noam", None, """שלום אנה,

הכנס יתקיים בחמישי לחודש. נשמח אם תוכלי להציג את העבודה שלך.

נועם""", {"charset": "iso-8859-8"}),
    ]),
    ("Sourdough starter", [
        ("maya", None, """My starter has survived the holidays in the fridge
and doubled within five hours today. I can bring you half of it on Monday.
It likes rye, and it does not like being called Kevin, so think of a better
name.

Maya""", {"flowed": True}),
        ("me", 0, """Please! I have rye. As for the name: Gustav?

Anna""", {"flowed": True}),
        ("maya", 1, "Gustav it is. He travels in a jam jar.", {"flowed": True}),
        ("greta", 1, """Careful with Gustav, mine was called Gustav and took
over the kitchen. Feed him one to one to one and only when he floats.

Greta""", {"flowed": True, "flags": "U"}),
    ]),
    ("Concert tickets for the 14th", [
        ("rosa", None, """Ciao Anna,

ho preso quattro biglietti per il quattordici, fila 7. Così vediamo bene il
pianista. Ci troviamo alle sette e mezza davanti all'ingresso?

Rosa""", {"charset": "iso-8859-1"}),
        ("me", 0, "Perfetto, grazie! Ti devo trentadue euro.", {}),
        ("ines", 0, "Também vou! Levo o programa da última vez.",
         {"charset": "utf-8", "flags": "U"}),
    ]),
    ("Release checklist 2.4", [
        ("uma", None, """Hi all,

this is what is still open for 2.4:

 - the migration of the settings file (Vikas)
 - the packet reordering test fails one time in two hundred (me)
 - release notes in three languages (Anna, Carla)
 - somebody has to look at the licence of the icons

Freeze is on Friday at noon.

Uma""", {"cc": ["vikas", "carla", "sam"]}),
        ("vikas", 0, """Migration is done and reviewed. It keeps the old file
beside the new one, so that a downgrade finds it.

> the packet reordering test fails one time in two hundred

I saw it as well, on the slow machine only.""", {}),
        ("uma", 1, """> I saw it as well, on the slow machine only.

That helps: then it is the timer and not the queue. I shall write the test
so that it waits for the condition and not for 50 ms.

Uma""", {}),
        ("carla", 0, """Voilà les notes en français. J'ai gardé « mise à
niveau » partout, comme dans la 2.3.

Carla""", {"charset": "utf-8",
           "attach": [("notes-2.4.fr.txt", "text/plain", 3300)]}),
        ("me", 3, """Thank you Carla. German is done as well, English needs
one more look.

Anna""", {}),
        ("sam", 0, """The icons are all CC0 but two, and those two we draw
ourselves since 2.1. I wrote it into the copyright file.""", {}),
        ("uma", 5, "Wonderful, then we are ready. Tagging on Friday.",
         {"flags": "UF"}),
        ("zoe", 6, "Congratulations, everybody!", {"flags": "U"}),
    ]),
    ("Which telescope for a ten-year-old?", [
        ("tove", None, """Dear Anna,

Elin turns ten in spring and wants "a real telescope, not a toy". I know that
you should never buy the ones in the department store, and there my knowledge
ends. What would you get? Something that shows the moon and that I can carry
down four floors.

Tove""", {"flowed": True}),
        ("me", 0, """A small Dobsonian, 114 or 130 mm. It stands on a table,
it is done in a minute, and it shows Saturn's rings. Not a thin refractor on a
wobbly tripod, whatever the box promises.

Anna""", {"flowed": True}),
        ("tove", 1, "130 mm ordered. Four floors will be fine.",
         {"flowed": True, "flags": "U"}),
        ("dmitri", 1, """I agree with Anna. And get a red lamp, so that she
keeps her night vision.""", {}),
    ]),
    ("Minutes of the allotment meeting", [
        ("wanda", None, """Dear all,

minutes of yesterday in short: the water is turned off on the first weekend
of November; plots 12 and 13 are free from January; the shed gets a new roof
and everybody who has a ladder brings it on the 21st.

Wanda""", {"flags": "F"}),
        ("bob", 0, "I have a ladder and two hands. See you on the 21st.", {}),
        ("sam", 0, "No ladder, but I can make soup.", {}),
        ("wanda", 2, "Soup outranks ladders. Thank you!", {}),
    ]),
    ("Réservation du gîte", [
        ("quentin", None, """Bonjour Anna,

le gîte près d'Annecy est libre du 3 au 10 août. Il y a quatre chambres et un
jardin, et le lac est à dix minutes à pied. Faut-il que je réserve ?

Quentin""", {"charset": "iso-8859-15"}),
        ("me", 0, "Oui, réserve s'il te plaît ! Je m'occupe du train.",
         {"charset": "utf-8"}),
        ("quentin", 1, "C'est fait. L'acompte était de 180 €, à partager.",
         {"charset": "iso-8859-15", "flags": "U"}),
    ]),
    ("Photos of the twins", [
        ("mum", None, """Dear Anna,

here they are at last, the twins on their first day at school. Your brother
says that they were quiet for almost four minutes.

Call me when you have time, I have found the recipe that you were asking for.

Love
Mum""", {"attach": [("IMG_2041.jpg", "image/jpeg", 61200),
                    ("IMG_2042.jpg", "image/jpeg", 58800)],
         "flags": "F"}),
        ("me", 0, "They look so tall! I'll call you on Sunday. Love, Anna",
         {}),
        ("mum", 1, "Sunday after four, I am at choir before. Love, Mum", {}),
    ]),
    ("Bicycle light cuts out in the rain", [
        ("sam", None, """Anna, you repaired a dynamo light once. Mine goes out
when it rains and comes back when it is dry. Is it the cable or the hub?

Sam""", {}),
        ("me", 0, """The earth connection, in nine cases of ten. Clean the
contact at the fork with fine sandpaper and put a little grease on it.""", {}),
        ("sam", 1, "It was the earth connection. I bow.", {}),
    ]),
    ("Interview with the county archive", [
        ("ines", None, """Dear Ms Berg,

thank you for the long conversation last week. Attached is the transcript;
the passages in square brackets are those that I could not hear. Could you
look at pages 4 and 11?

Kind regards
Inês Figueiredo""", {"charset": "utf-8",
                     "attach": [("transcript.odt",
                                 "application/vnd.oasis.opendocument.text",
                                 22400)]}),
        ("me", 0, """Page 4: "the ferry, not the fairy". Page 11 is right as it
is. The rest reads as if I had spoken in whole sentences, thank you for that.

Anna Berg""", {}),
    ]),
    ("Your talk in March 🎤", [
        ("zoe", None, """Hi Anna 👋

we would love to have you again at the spring meeting. Thirty minutes, any
subject, and this time with a projector that works 🎉

Zoë""", {"charset": "utf-8", "flags": "U"}),
    ]),
    ("Water meter reading", [
        ("kofi", None, """Reading of the three meters as of today:

   cellar     00412.7 m³
   first      00188.2 m³
   second     00203.9 m³

The second floor is up by a third against last year; is your tap still
dripping?""", {"charset": "utf-8"}),
        ("me", 0, "It was. New washer since Tuesday.", {}),
    ]),
    ("Book club: next is \"The Summer Book\"", [
        ("greta", None, """Hej allihop,

next time we read Tove Jansson, "The Summer Book". It is short, so there is no
excuse. We meet at Maya's on the last Wednesday.

Greta""", {"charset": "iso-8859-1", "cc": ["maya", "rosa", "tove"]}),
        ("maya", 0, "I'll make the cardamom buns. Bring blankets, balcony!",
         {}),
        ("rosa", 1, "In November? On the balcony?", {}),
        ("maya", 2, "It is a Nordic book. It wants weather.", {}),
        ("tove", 3, "Seconded. I bring tea in the big flask.", {}),
        ("rosa", 4, "Va bene. I bring a hat.", {"flags": "U"}),
    ]),
]

# The mailing list: subject, turns as above; the author of turn 0 is a person.
LIST_NAME = "numerics-devel"
LIST_ADDRESS = "numerics-devel@lists.example.org"
LIST_CONVERSATIONS = [
    ("[PATCH 1/3] solver: keep the preconditioner between steps", [
        ("vikas", None, """The preconditioner is rebuilt at every time step,
although the matrix changes by less than the tolerance in most of them. Keep
it and rebuild only when the number of iterations grows by half.

On the wind tunnel example this saves 38 % of the time.

---
 src/solver.c | 41 +++++++++++++++++++++++++++++++++--------
 1 file changed, 33 insertions(+), 8 deletions(-)

diff --git a/src/solver.c b/src/solver.c
--- a/src/solver.c
+++ b/src/solver.c
@@ -212,7 +212,11 @@ static int step(struct solver *s)
-\tprecond_build(s);
+\tif (s->iterations > s->reference * 3 / 2 || !s->precond)
+\t\tprecond_build(s);
+\telse
+\t\ts->kept++;
""", {}),
        ("uma", 0, """> Keep it and rebuild only when the number of iterations
> grows by half.

Why half? With the tolerance as a parameter the user could decide.""", {}),
        ("vikas", 1, """> Why half?

Measured: between 1.3 and 1.8 it makes no difference, above it gets slower.
I would rather not have a knob that nobody can set well.""", {}),
        ("uma", 2, "Fair. Then please put that measurement into the comment.",
         {}),
        ("niall", 0, """Tested on the big-endian machine, same numbers to the
last digit.

Tested-by: Niall O'Shea <niall@oshea.example>""", {}),
    ]),
    ("Interval arithmetic and -ffast-math", [
        ("petr", None, """Dear list,

somebody built the library with -ffast-math and got intervals whose lower
bound is above the upper one. Should configure refuse it? I would prefer that
to a paragraph in the manual which nobody reads.

Petr""", {"charset": "utf-8"}),
        ("sam", 0, "Refuse it. There is no way in which that can be right.",
         {}),
        ("vikas", 1, """Refuse, but with a sentence that says why. People
arrive with flags from a blog.""", {}),
        ("greta", 2, "+1", {}),
        ("uma", 2, """A test at run time would also catch libraries that set
the flags of the processor behind our back. Both?""", {}),
        ("petr", 4, "Both. I send a patch tonight.", {"flags": "U"}),
        ("quentin", 5, """Note that some compilers set flush-to-zero in
startup code of shared libraries; the test at run time has to come after all
of them are loaded.""", {"flags": "U"}),
    ]),
    ("Documentation: which dialect of English?", [
        ("carla", None, """We have "colour" 41 times and "color" 37 times. I do
not mind which, but I mind both.

Carla""", {}),
        ("niall", 0, "colour.", {}),
        ("kofi", 0, "colour.", {}),
        ("bob", 0, "color, but I will not die on this hill.", {}),
        ("carla", 1, """Then "colour" in the text and "color" in names of the
interface, where it is already.""", {}),
        ("farid", 4, "This is the shortest such thread I have ever seen.",
         {"flags": "U"}),
    ]),
    ("Proposal: drop support for 32-bit indices", [
        ("li", None, """Hello,

matrices above two billion entries need 64-bit indices, and supporting both
doubles our test matrix. I propose to drop 32-bit indices in 3.0.

Li Xiaoming""", {"charset": "gb18030"}),
        ("dmitri", 0, """We use 32-bit indices on purpose: they halve the
memory traffic, and our matrices are small but many.""", {}),
        ("li", 1, "How much slower is it for you? I can measure it.", {}),
        ("dmitri", 2, "22 % on the whole run. It is the bandwidth.", {}),
        ("li", 3, "Then I withdraw the proposal, and we generate both.",
         {"flags": "U"}),
        ("hiro", 4, "賛成です。I can help with the generator.",
         {"charset": "iso-2022-jp", "flags": "U"}),
    ]),
    ("[ANNOUNCE] numerics 2.4-rc1", [
        ("uma", None, """The first release candidate of 2.4 is ready for
testing. The most important changes:

  * the solver keeps its preconditioner (38 % faster on time-dependent runs)
  * intervals are checked at start
  * a new reader for compressed matrices

Please test it with your own programs and tell us what breaks.

Uma""", {"flags": "F"}),
        ("tove", 0, "Works here, all 214 models.", {}),
        ("yannis", 0, """One warning with the older compiler: an unused
variable in reader.c, line 88. Otherwise fine.""", {"charset": "utf-8"}),
        ("uma", 2, "Fixed, thank you.", {"flags": "U"}),
    ]),
]

# Notices by machines: sender, address, subject, text, html or None. Filled
# in with numbers by the generator.
NOTICES = [
    ("Build Server", "builds@ci.example.org",
     "[numerics] build {n}: passed on {branch}",
     """Build {n} of branch {branch} passed in {minutes} minutes.

  compiler gcc      {a} tests   passed
  compiler clang    {a} tests   passed
  documentation     built

https://ci.example.org/numerics/{n}
""", None),
    ("Build Server", "builds@ci.example.org",
     "[numerics] build {n}: FAILED on {branch}",
     """Build {n} of branch {branch} failed after {minutes} minutes.

  compiler gcc      {a} tests   passed
  compiler clang    {a} tests   1 failed: test-reorder

https://ci.example.org/numerics/{n}
""", None),
    ("Stadtwerke", "rechnung@stadtwerke.example",
     "Ihre Abschlagsrechnung {n}",
     """Sehr geehrte Frau Berg,

der Abschlag für Strom und Wasser beträgt in diesem Monat {a},{b} €. Er wird
am {day}. von Ihrem Konto eingezogen.

Mit freundlichen Grüßen
Ihre Stadtwerke
""", """<html><head><style>td {{ padding: 4px }}</style></head><body>
<p>Sehr geehrte Frau Berg,</p>
<p>der Abschlag f&uuml;r <b>Strom und Wasser</b> betr&auml;gt in diesem Monat
<b>{a},{b}&nbsp;&euro;</b>. Er wird am {day}. von Ihrem Konto eingezogen.</p>
<table><tr><td>Rechnung</td><td>{n}</td></tr>
<tr><td>Betrag</td><td>{a},{b} &euro;</td></tr></table>
<p>Mit freundlichen Gr&uuml;&szlig;en<br>Ihre Stadtwerke</p></body></html>
"""),
    ("City Library", "notices@library.example",
     "Due soon: {a} items on your card",
     """Dear Anna Berg,

{a} items on your card are due on the {day}th. You can renew them until the
day before, unless somebody is waiting for them.

City Library
""", None),
    ("Railway Timetable", "alerts@rail.example",
     "Delay on your connection of the {day}th: {minutes} minutes",
     """Train {n} is expected {minutes} minutes late. Your connection at
the junction will wait.
""", None),
    ("The Weekly Lens", "letter@lens.example",
     "The Weekly Lens, no. {n}: {branch}",
     None, """<!DOCTYPE html><html><body>
<img src="https://lens.example/pixel.gif?{n}" width="1" height="1" alt="">
<h1>The Weekly Lens</h1><h2>{branch}</h2>
<p>This week we look at <i>{branch}</i>, at {a} photographs that readers sent,
and at a lens from 19{b} that is better than it should be.</p>
<ul><li><a href="https://lens.example/{n}/1">A walk with one lens</a></li>
<li><a href="https://lens.example/{n}/2">How fog is made</a></li>
<li><a href="https://lens.example/{n}/3">Letters</a></li></ul>
<p>&copy; The Weekly Lens &middot; <a href="https://lens.example/off">no more
of this</a></p></body></html>
"""),
    ("Issue Tracker", "tracker@example.org",
     "[numerics #{n}] {branch}: wrong sign in the last column",
     """{who} wrote in issue {n}:

The last column has the wrong sign when the matrix has more than {a} rows.
With {a} rows and fewer it is right. A small example is attached to the issue.
""", None),
    ("Parcel Service", "info@parcel.example",
     "Your parcel {n} arrives tomorrow",
     """Good news: parcel {n} arrives tomorrow between {day}:00 and
{day}:30. You may also fetch it from the shop at the corner.
""", """<p>Good news: parcel <b>{n}</b> arrives tomorrow between
<b>{day}:00</b> and <b>{day}:30</b>.</p><p>You may also fetch it from the shop
at the corner.</p>
"""),
]
BRANCHES = ["main", "release-2.4", "fog and how to wait for it", "intervals",
            "reader", "harbours in winter", "light from below", "solver",
            "the colour of shadows", "32-bit", "windows seen from inside"]

# Short mails between people: subject, text. Any person may write them.
NOTES = [
    ("Lunch on {weekday}?", """Are you in town on {weekday}? The place with the
dumplings has opened again, half past twelve would suit me."""),
    ("Re: keys", """Found them. They were in the other coat, as always."""),
    ("Invoice {n}", """Dear Anna,

please find the invoice {n} attached. It is due within thirty days.

Best wishes"""),
    ("Slides from {weekday}", """Here are the slides. Numbers on page {a} are
preliminary, please do not pass them on yet."""),
    ("A question about chapter {a}", """I got stuck on page {b} of chapter {a}:
why does the sum start at one there and at zero everywhere else?"""),
    ("Train times", """I arrive at {day}:{b}. You need not fetch me, I know the
way by now."""),
    ("Thank you!", """Thank you for yesterday evening, it was lovely. The
recipe for the soup, please, before I forget how it tasted."""),
    ("Measurement series {n}", """Series {n} is on the server. Three runs out of
{a} had to be repeated because the door was open."""),
    ("Holidays", """I am away from {weekday} for two weeks. Greta has the keys
to the lab, and Sam knows where the coffee is."""),
    ("Correction to table {a}", """In table {a} the third line should read {b}
and not 1{b}. I am sorry, my fault."""),
    ("Room for {weekday}", """We have room {n} on {weekday} from {day} o'clock.
There is a projector but no chalk, so bring some."""),
    ("Re: your question", """Short answer: yes. Long answer: it depends on how
cold it gets, and then still yes."""),
    ("Old photographs", """I scanned the box from the attic, {n} pictures. You
are on forty of them and look bored on thirty."""),
    ("Weather for the weekend", """The forecast says rain until Saturday noon and
sun after it. I would still go."""),
    ("Printer on the second floor", """It says "load letter" again. The trick
is to open tray {a}, wait, and close it with some conviction."""),
    ("Seeds", """I have too many tomato seeds: five sorts, {a} of each. Take what
you like, the bag is on my desk."""),
]

WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]

JUNK = [
    ("Prize Department", "winner@prizes.example",
     "You have WON!!! Claim {n} today",
     "Dear lucky friend, you have been chosen among {n} people.\n"),
    ("Dr. Watches", "offer@watches.example", "Watches, {a} % off, only today",
     "Only today and only for you.\n"),
    ("Security Team", "security@not-your-bank.example",
     "Your account will be closed in {a} hours",
     "Please confirm your password at once.\n"),
]
