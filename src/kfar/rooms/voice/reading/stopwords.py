"""Words that tell of no theme, folded as `searching.words` folds: the grammar of three languages.

And words of like and dislike, which say how somebody speaks, not of what; after Luhn, "The
automatic creation of literature abstracts" (1958), who left out the common ones first.
"""

STOPWORDS = frozenset(
    """
    about after again all also and any are because been before being but can could did does doing
    don down each even ever every few for from get got had has have having her here hers him his how
    into its just like made make many more most much must not nothing now off one only other our out
    over own please really same she should since some still such than thank thanks that the their
    them then there these they thing things this those through too two under until very was were
    what when where which while who why will with would yet you your
    bad best better good great horrible terrible awful wonderful love loved hate nice happy
    aby albo ale bardzo bez bedzie byc byl byla bylo byly chce chyba cos czy dla dlaczego dlatego
    gdy gdyz gdzie ich ile inne jak jaka jakie jako jednak jego jej jest jestem jeszcze jezeli juz
    kazdy kiedy kto ktora ktore ktory ktorych lub maja mam mial mialam mialem mnie moge moj moja
    moje mozna nad nam nas nasz nawet nia nic nich nie niego niestety nim niz oraz pan pani panstwo
    pod poniewaz przed przez przy roku sam sie sobie sposob tak taka takie taki tam tego tej ten
    teraz tez tego tylko tym tych was wiec wiele wszystko wszystkie wtedy zawsze zeby dziekuje
    dobry dobra dobre dobrze zly zla zle super fajny polecam swietny okropny fatalny
    אבל או אולי אותה אותו אותי אותכ אותמ אז אחד אחרי אחת אין איפה אית איתי אכ אל אלה אלי אמ אנחנו
    אני אפ אפילו אפשר את אתה אתכמ אתמ בגלל בוודאי ביו בינ בלי במה בשביל גמ דבר דברימ דווקא די הוא
    היא היה היו היינו היית הייתי המ הנ הנה הרבה הרי זאת זה זהו חייב יהיה יותר יש כאנ כבר כדאי כדי
    כול כי כל כמה כמו כנ ככה לא לאנ לגבי להיות לה לו לי לכ לכמ למה למרות לנו לפני מאד מאוד מה מי
    מישהו מכמ ממכ ממש מנ עד עוד עכשיו על עליו עמ פה פעמ צריכ רק שוב של שלה שלו שלומ שלי שלכ שלכמ
    שלנו שלהמ שמ תודה תמיד תנ טוב טובה מעולה נהדר גרוע נורא אהבתי
    """.split()  # noqa: SIM905 - as a page, it is read and corrected
)
