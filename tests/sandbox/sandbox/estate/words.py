"""The words of which users, departments and tags are made. Only words: no chance, no structure."""

FIRST_NAMES = """
adam aisha alan alba alice amelia amir anders andrea anna anton anya arjun astrid aurora
beatrice ben bianca boris brigid bruno camille carla carlos carmen cecilia chen chloe ciara
claire conor dana daniel daria david deepa denise diego dmitri edith eileen elena elias elif
emil emma enzo erik esther eva fatima felix fiona florian frank freya gabriel georgia gita grace
greta hana hannah harriet hassan heidi helena henrik hugo ibrahim ida imran ines ingrid irina
isaac isabel ivan jack jakub james jana jelena jens joana johan jonas jorge josef julia julian
kamal karim katarina kavya kenji kieran kim klara kofi lars laura layla lea leo leonie liam
lidia lin linda lorenzo lucia luis luka magnus maja malik marco maria marta martin mateo maya
mehmet mei meera mia michal mila mohammed monika nadia naomi natalia neha niall nico nina noah
nora oksana olga oliver omar oscar otto paolo patrick paula pavel petra pierre priya rachel
rafael rania ravi rebecca renata rosa ruth salma samir samuel sanjay sara sean selma sergei
shreya silvia simon sofia stefan suresh svetlana tamara tara teresa thomas tim tomas uma ursula
valentina vera victor vikram wei willem xin yara yasmin yuki yusuf zara zoe
""".split()

LAST_NAMES = """
abbott acosta adeyemi ahmed almeida andersen araujo bauer becker bello berg bianchi bishop blanc
boateng borg brandt brennan brown byrne carter castro chang chaudhry choi clarke cohen collins
conti costa cruz daly das delgado demir dimitrov diaz dubois duffy eklund elliott esposito evans
farah fernandez ferrari fischer fitzgerald flores foley fontaine forde fournier frank friis
gallagher garcia ghosh gomez gonzalez gray greco griffin gupta haas hakimi hall hansen harris
hassan haugen hayes healy hernandez hill hoffmann holm horvat hughes hussain ibanez ito ivanov
iyer jackson jansen jensen jimenez johansson jones joshi kaplan karlsson kaur keane kelly khan
kim kimura klein koch kovac kowalski krause kumar lambert lange larsen laurent lee lehmann leroy
li lindgren lopez lund lynch madsen mahmoud malone marin marino martinez mason mazur mccarthy
mehta mendes menon meyer miller mishra moeller moore morales moreau moretti morris mukherjee
murphy nagy nair navarro nguyen nielsen novak nowak nunez obrien oconnor odonnell okafor
oliveira olsen ortiz osullivan owens pagano park patel pereira perez peters petrov phillips
pinto popescu powell quinn rahman ramos rao reddy reilly reyes ricci rivera roberts robinson
rodriguez romano rossi roux roy ruiz russo ryan saito salazar santos sato schmidt schneider
schulz scott sharma shaw silva singh sokolov sousa stewart suzuki svensson takahashi tanaka
taylor thompson torres tran turner usman vargas varga vasquez verma vidal virtanen vogel volkov
wagner walker walsh wang watanabe weber white williams wilson winter wolf wong wood wright
yamamoto yang yildiz young zhang zimmermann
""".split()

ODD_USERS = (
    "müller.jörg",
    "o'brien.sinéad",
    "中村.結衣",
    "svc-robot$",
    "ŁUKASZ.ŻAK",
    "anna maria.da silva",
)
"""User names that directories do hold and that careless code does not."""

DEPARTMENTS = (
    ("Customer Service", "CC-4100", 26),
    ("Sales", "CC-4200", 18),
    ("Engineering", "CC-5100", 17),
    ("Finance", "CC-2100", 11),
    ("Operations", "CC-3100", 10),
    ("Human Resources", "CC-2200", 6),
    ("Legal", "CC-2300", 4),
    ("Marketing", "CC-4300", 5),
    ("Research", "CC-5200", 3),
)
"""(department, cost centre, weight)."""

OWNERS = (
    "ingrid.larsen@halden.example",
    "marco.ricci@halden.example",
    "priya.nair@halden.example",
    "sean.gallagher@halden.example",
    "teresa.almeida@halden.example",
    "wei.zhang@halden.example",
    "yusuf.demir@halden.example",
)

ODD_TAGS = (
    ("Note", "=SUM(A1)"),
    ("Note", "+44 20 7946 0000"),
    ("Note", "@overdue"),
    ("Note", "-1+2"),
    ("Note", ""),
    ("Note", 'said "no", twice; then\tleft'),
    ("Note", "<b>bold</b> & <script>alert(1)</script>"),
    ("Department", "研究開発"),
    ("Department", "Forschung & Entwicklung"),
    ("Owner", "Zoë Åström"),
    ("department", "sales"),
    ("Cost Center", "4100"),
    ("CostCenter", "  CC-4100 "),
    ("Skip_Convert", ""),
    ("Emoji", "🖥️ desk"),
    ("Comment", "x" * 255),
)
"""Tags that AWS accepts and that reports, filters and pages must survive."""

PROJECTS = (
    "apollo",
    "billing-2",
    "contact-centre-refresh",
    "ledger",
    "northstar",
    "win11-migration",
)
