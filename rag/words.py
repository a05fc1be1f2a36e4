"""Ground tool: which words say the same, and which the opposite, as far as news needs it.

Short lists of general English, chosen for what reporters write every day: irregular forms that no
stemmer joins, everyday synonyms, opposites, and the names that a country goes by. No list is ever
complete, so a step may treat a hit as knowledge but never a miss.
"""

from rag.text import stem

# One line is one meaning; the first word stands for all.
_SAME = """
say said says tell told state stated add added note noted explain explained according
buy bought purchase purchased acquire acquired
sell sold sale
rise rose risen grow grew grown climb climbed soar soared surge surged jump jumped increase
fall fell fallen drop dropped decline declined decrease sink sank sunk plunge plunged slump slide
go went gone
come came
give gave given
take took taken
make made
find found
think thought
bring brought
begin began begun start launch
hold held
keep kept
lead led
leave left depart
lose lost loss
meet met meeting
pay paid payment
send sent
speak spoke spoken
spend spent spending
stand stood
strike struck hit
win won victory
write wrote written
choose chose chosen pick choice select
break broke broken
build built construct
catch caught
draw drew drawn
drive drove driven
eat ate eaten
feel felt
fight fought
fly flew flown flight
get got gotten receive obtain
hear heard
know knew known
run ran
see saw seen
shoot shot
sit sat
steal stole stolen theft
teach taught
throw threw thrown
understand understood
wear wore worn
become became
shrink shrank shrunk shrunken
forbid forbade forbidden
forget forgot forgotten
forgive forgave forgiven
hide hid hidden
lend lent
ride rode ridden
swear swore sworn
swim swam swum
tear tore torn
weave wove woven
bind bound
bleed bled
breed bred
cling clung
deal dealt
dig dug
feed fed
flee fled
freeze froze frozen
grind ground
hang hung
lay laid
light lit
mean meant
overcome overcame
overtake overtook overtaken
overthrow overthrew overthrown
shake shook shaken
shine shone
sing sang sung
sleep slept
spin spun
spring sprang sprung
stick stuck
sting stung
strive strove striven
sweep swept
swing swung
undergo underwent undergone
undertake undertook undertaken
uphold upheld
wake woke woken
weep wept
withdraw withdrew withdrawn
withhold withheld
die died dead death
kill killed
arrest detain
company firm business corporation
chip processor semiconductor
child children kid
man men
woman women
person people
police officer
aid help assist assistance
allow permit let
approve approval greenlight authorize authorise
reject refuse rebuff
ban prohibit forbid bar
end finish conclude complete
big large huge massive major
small little tiny
important significant crucial key
visit trip
seek sought
plan intend
worry concern fear
country nation
president presidential
lawyer attorney
movie film
car vehicle
doctor physician
show reveal
quick fast rapid
create establish
release publish
require need
argue contend
house home
job work
ask request
attack assault
area region
biggest largest
chief head boss leader
resign quit
elect election elected
choose decide decision
injure injured wound wounded hurt
year annual yearly
month monthly
week weekly
day daily
us american america
uk british britain
china chinese
russia russian
france french
germany german
japan japanese
ukraine ukrainian
israel israeli
iran iranian
canada canadian
mexico mexican
spain spanish
italy italian
australia australian
india indian
europe european eu
korea korean
turkey turkish
poland polish
sweden swedish
netherlands dutch
switzerland swiss
ireland irish
scotland scottish
wales welsh
england english
brazil brazilian
egypt egyptian
syria syrian
iraq iraqi
afghanistan afghan
taiwan taiwanese
ceo executive
percent percentage pct
license licence
program programme
defense defence
center centre
labor labour
"""
_OPPOSITE = """
rise:fall up:down increase:decrease high:low higher:lower more:less more:fewer gain:loss win:lose
approve:reject approve:ban allow:ban accept:refuse accept:reject support:oppose
before:after open:close begin:end start:stop first:last early:late earlier:later buy:sell
enter:leave arrive:leave arrival:departure include:exclude including:excluding succeed:fail
success:failure hire:fire join:leave acquit:convict guilty:innocent guilty:acquitted
legal:illegal alive:dead strong:weak strengthen:weaken strength:weakness expand:shrink
import:export confirm:deny agree:disagree agree:refuse public:private best:worst
better:worse good:bad positive:negative major:minor majority:minority possible:impossible
able:unable likely:unlikely safe:dangerous cheap:expensive remember:forget love:hate
love:hated liked:disliked maximum:minimum most:least upper:lower inside:outside north:south
east:west northern:southern eastern:western male:female man:woman boy:girl
husband:wife father:mother son:daughter brother:sister king:queen employee:employer
defend:attack victory:loss ally:enemy friend:enemy foreign:domestic
international:domestic permanent:temporary final:preliminary unconditional:conditional
retain:lose continue:stop continue:halt raise:lower raise:cut tighten:loosen tighten:ease
ease:worsen improve:worsen improvement:deterioration free:imprison release:imprison
release:jail lend:borrow save:waste add:remove upgrade:downgrade optimistic:pessimistic
optimism:pessimism exceed:miss above:below over:under within:outside voluntary:mandatory
voluntary:compulsory peace:war peaceful:violent praise:criticise praise:criticize
praise:condemn welcome:condemn welcome:criticise underestimate:overestimate hot:cold warm:cool
rich:poor young:old younger:older long:short longer:shorter same:different always:never
full:empty near:far innocent:convicted heavy:light thick:thin easy:difficult easy:hard
unanimous:split encourage:discourage comfortable:uncomfortable certain:uncertain
known:unknown popular:unpopular healthy:unhealthy true:false correct:wrong help:harm
help:hurt help:hinder protect:harm survive:die born:died love:dislike fast:slow quickly:slowly
demand:supply profit:loss asset:liability advance:retreat attract:repel build:destroy
create:destroy appear:disappear ascend:descend lengthen:shorten maximise:minimise
maximize:minimize thrive:struggle embrace:reject adopt:reject uphold:overturn
complete:incomplete correct:incorrect accurate:inaccurate direct:indirect dependent:independent
valid:invalid active:inactive secure:insecure appropriate:inappropriate eligible:ineligible
ability:inability mortal:immortal proper:improper perfect:imperfect mature:immature
for:against to:from into:from on:off in:out inside:outside
morning:evening morning:night day:night summer:winter spring:autumn left:right
blame:credit blame:praise honour:shame honor:shame hope:despair
"""
_NAMES = {
    "united states": "us",
    "united states of america": "us",
    "usa": "us",
    "united kingdom": "uk",
    "great britain": "uk",
    "european union": "europ",
    "united nations": "un",
    "holland": "netherland",
}
_NUMBERS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen twenty"
).split()


def _joined() -> dict[str, str]:
    same: dict[str, str] = {}
    for line in _SAME.strip().splitlines():
        stems = [stem(word) for word in line.split()]
        root = next((same[s] for s in stems if s in same), stems[0])
        same.update((s, root) for s in stems if s not in same)
    return same | {stem(word): str(value) for value, word in enumerate(_NUMBERS)}


_ROOT = _joined()


def root(word_stem: str) -> str:
    """The stem that stands for all words of the same everyday meaning; itself when none does."""
    return _ROOT.get(word_stem, word_stem)


def _opposed() -> dict[str, frozenset[str]]:
    pairs: dict[str, set[str]] = {}
    for pair in _OPPOSITE.split():
        one, other = (root(stem(word)) for word in pair.split(":"))
        pairs.setdefault(one, set()).add(other)
        pairs.setdefault(other, set()).add(one)
    return {word: frozenset(others) for word, others in pairs.items()}


_OPPOSITES = _opposed()


def opposites(word_root: str) -> frozenset[str]:
    """The roots that say the opposite of a root; empty when none is known."""
    return _OPPOSITES.get(word_root, frozenset())


def known_as(name: tuple[str, ...]) -> str | None:
    """The short name of a country or body by its words in lower case, None when it has none."""
    return _NAMES.get(" ".join(name))
