"""Word lists behind the edits and rewordings, and which half of them is held out.

Written for the benchmark alone; the checks have their own. ``held_out`` puts each entry and each
article into one of two halves by a checksum: the rules were studied on one half only.
"""

from zlib import crc32


def held_out(key: str) -> bool:
    """True for the half of all words and articles that nobody looked at while writing rules."""
    return crc32(key.encode()) % 2 == 1


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    return tuple((a, b) for a, b in (pair.split(":") for pair in text.split()))


ANTONYMS = _pairs(
    """
    increased:decreased rose:fell gained:lost won:lost grew:shrank expanded:contracted
    accelerated:slowed strengthened:weakened improved:worsened widened:narrowed doubled:halved
    climbed:dropped surged:plunged soared:plummeted raised:lowered boosted:dampened
    approved:rejected accepted:refused supported:opposed backed:resisted endorsed:denounced
    praised:criticized welcomed:condemned defended:attacked allowed:forbade permitted:prohibited
    granted:denied confirmed:disputed admitted:denied acknowledged:denied upheld:overturned
    passed:failed succeeded:failed achieved:missed exceeded:missed met:missed
    opened:closed began:ended started:stopped launched:scrapped resumed:halted continued:ceased
    arrived:departed entered:exited joined:quit remained:left stayed:left returned:departed
    hired:fired promoted:demoted appointed:dismissed elected:ousted invited:excluded
    arrested:freed jailed:released convicted:acquitted guilty:innocent imprisoned:freed
    bought:sold purchased:sold borrowed:lent earned:lost saved:wasted paid:owed spent:saved
    imported:exported attacked:defended captured:released seized:returned invaded:liberated
    advanced:retreated attracted:repelled built:demolished created:destroyed
    added:removed included:excluded inserted:deleted connected:disconnected united:divided
    agreed:disagreed liked:disliked loved:hated trusted:distrusted believed:doubted
    remembered:forgot found:lost hid:revealed concealed:disclosed asked:answered
    lived:died survived:died alive:dead born:died healed:harmed helped:hurt
    protected:endangered rescued:abandoned
    more:fewer most:least higher:lower larger:smaller bigger:smaller greater:lesser longer:shorter
    older:younger faster:slower earlier:later better:worse stronger:weaker safer:riskier
    richer:poorer warmer:cooler hotter:colder cheaper:costlier easier:harder lighter:heavier
    nearer:farther wider:narrower deeper:shallower busier:quieter louder:quieter
    highest:lowest largest:smallest biggest:smallest best:worst oldest:youngest longest:shortest
    fastest:slowest strongest:weakest latest:earliest first:last
    high:low large:small big:little long:short old:young new:old early:late fast:slow hot:cold
    warm:cool strong:weak hard:soft heavy:light deep:shallow rich:poor good:bad safe:dangerous
    easy:difficult simple:complex cheap:expensive clean:dirty dry:wet full:empty open:closed
    public:private legal:illegal formal:informal official:unofficial domestic:foreign
    internal:external local:national temporary:permanent initial:final partial:complete
    minor:major rare:common popular:unpopular famous:obscure likely:unlikely possible:impossible
    certain:uncertain clear:unclear fair:unfair happy:unhappy healthy:sick positive:negative
    optimistic:pessimistic confident:doubtful calm:anxious peaceful:violent friendly:hostile
    generous:stingy honest:dishonest brave:cowardly guilty:blameless responsible:blameless
    voluntary:mandatory optional:mandatory urban:rural northern:southern eastern:western
    liberal:conservative male:female adult:juvenile human:artificial modern:ancient
    visible:hidden violent:nonviolent stable:unstable sufficient:insufficient successful:failed
    before:after above:below inside:outside over:under up:down within:beyond against:for
    with:without     toward:away north:south east:west left:right
    victory:defeat win:loss success:failure profit:loss gain:loss growth:decline rise:fall
    increase:decrease surplus:deficit supply:demand majority:minority maximum:minimum peak:trough
    beginning:end start:finish birth:death war:peace friend:enemy ally:rival strength:weakness
    advantage:disadvantage benefit:harm hope:despair love:hatred support:opposition
    agreement:disagreement approval:rejection acceptance:refusal arrival:departure entrance:exit
    winner:loser seller:buyer employer:employee teacher:student landlord:tenant
    husband:wife brother:sister mother:father son:daughter men:women boys:girls
    day:night morning:evening summer:winter spring:autumn day:night
    always:never often:rarely usually:seldom frequently:rarely quickly:slowly rapidly:gradually
    easily:barely together:separately publicly:privately officially:unofficially
    directly:indirectly intentionally:accidentally fully:partially unanimously:narrowly
    immediately:eventually soon:never sharply:slightly significantly:marginally
    dramatically:slightly
    """
)
SYNONYMS = _pairs(
    """
    said:stated announced:declared children:kids began:started big:large told:informed
    died:perished buy:purchase bought:purchased help:assist killed:slain including:among
    show:demonstrate shows:demonstrates showed:demonstrated use:employ used:utilized
    many:numerous often:frequently currently:presently enough:sufficient try:attempt
    trying:attempting tried:attempted end:finish ended:finished film:movie movie:film
    also:additionally asked:requested near:close important:significant hard:tough
    quickly:rapidly huge:enormous gave:provided give:provide called:named officials:authorities
    job:position jobs:positions happened:occurred nearly:almost almost:nearly believe:think
    thinks:believes recent:latest worried:concerned building:structure city:town company:firm
    attorney:lawyer lawyers:attorneys revealed:disclosed chose:picked picked:selected
    received:got obtained:got increase:rise plan:scheme goal:aim aims:intends hurt:injured
    injured:hurt wounded:injured fired:dismissed hired:recruited car:vehicle cars:vehicles
    doctors:physicians doctor:physician money:cash wealthy:rich famous:renowned
    dangerous:hazardous difficult:challenging entire:whole area:region areas:regions
    annual:yearly approximately:about roughly:about about:roughly over:above
    additional:extra bigger:larger largest:biggest biggest:largest main:primary
    required:needed needs:requires need:require allowed:permitted allow:permit
    stop:halt stopped:halted fight:battle battle:fight reply:response answer:response
    launched:introduced released:published published:released created:established
    wants:desires want:wish build:construct built:constructed rebuild:reconstruct
    choose:select decided:resolved discovered:found found:discovered noticed:observed
    argued:contended claims:asserts claimed:asserted concerns:worries fears:worries
    fans:supporters supporters:backers victory:win defeat:loss deal:agreement agreement:deal
    street:road homes:houses house:home couple:pair kids:children journey:trip trip:journey
    """
)
# Regular verbs of news, without their "ed": for "did not announce", "may have announced".
VERBS = tuple(
    """
    announce accept accuse add agree allow appear apply appoint approve argue arrest arrive ask
    attack attend award believe block call cancel cause change charge claim climb close collapse
    collect comment complete confirm consider contact continue convict create damage decide
    declare defend demand destroy develop die discuss dismiss drop earn employ end endorse expand
    expect explain express face fail fire fly help hire identify improve increase injure
    investigate invite issue join jump kill land launch live lower mention move name negotiate
    offer open operate order perform plan play pledge post prepare present produce promise protect
    prove provide publish purchase push raise reach receive recommend record recover reduce
    reject release remain remove replace report request require rescue resign resolve respond
    return reveal review save schedule score serve settle share sign start stop suffer suggest
    support surge suspend talk target test threaten trade travel trigger turn unveil urge use
    visit vote vow walk want warn welcome work
    """.split()
)
CITIES = tuple(
    """
    London Paris Moscow Berlin Madrid Rome Tokyo Beijing Shanghai Delhi Mumbai Cairo Nairobi Lagos
    Sydney Toronto Ottawa Vancouver Chicago Boston Houston Dallas Denver Seattle Atlanta Miami
    Philadelphia Phoenix Detroit Baltimore Nashville Memphis Cleveland Minneapolis Milwaukee
    Portland Austin Orlando Tampa Pittsburgh Cincinnati Charlotte Sacramento Oakland Honolulu
    Brussels Vienna Geneva Warsaw Kyiv Kharkiv Odesa Istanbul Ankara Tehran Baghdad Kabul
    Jerusalem Dubai Doha Riyadh Lisbon Dublin Edinburgh Glasgow Manchester Liverpool Athens
    Stockholm Oslo Helsinki Copenhagen Amsterdam Prague Budapest Seoul Taipei Manila Jakarta
    Bangkok Hanoi Singapore Brooklyn Manhattan Hollywood Uvalde Gaza Europe Africa Asia
    """.split()
)
DEMONYMS = tuple(
    """
    American British French German Russian Ukrainian Chinese Japanese Korean Indian Israeli
    Palestinian Iranian Turkish Canadian Mexican Brazilian Italian Spanish Polish Australian
    """.split()
)
TRANSITIVE = (
    "accused|acquired|approached|arrested|attacked|beat|blamed|bought|called|challenged|"
    "confronted|contacted|criticized|defeated|defended|dismissed|endorsed|fired|followed|"
    "helped|hired|hit|informed|interviewed|invited|joined|killed|married|met|ousted|"
    "outperformed|passed|praised|questioned|replaced|rescued|saved|shot|sued|succeeded|"
    "supported|surpassed|targeted|thanked|threatened|told|topped|urged|visited|warned|asked|"
    "overtook|led|backed|outlived|invaded|struck|sanctioned|rejected|appointed|nominated"
)
