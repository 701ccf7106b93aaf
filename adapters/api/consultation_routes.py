"""Says which call of States to each other answers at which address: consultation, measures, inquiries, attachments."""

from __future__ import annotations

from adapters.api import consultation_answers as a
from adapters.api import parameters as p
from adapters.api.bodies import Body, as_it_is
from adapters.api.handlers import attachments, consultation, inquiries, measures
from adapters.api.route import Route
from adapters.api.uploads import FILENAME, STATED_SHA256, FileBody
from notify.account import Right
from notify.assessment import AssessmentDocument
from notify.consultation import (
    AnswerDocument,
    ConclusionDocument,
    MessageDocument,
    PositionDocument,
    RequestDocument,
)
from notify.inquiry import InquiryAnswerDocument, InquiryDocument
from notify.measure import MeasureDocument, MeasureStatusDocument
from notify.service.concluding import InvitationDocument

READERS, SPEAKERS = (Right.READ_CASES,), (Right.CONSULT,)
ACTORS, ASSESSORS = (Right.REPORT_MEASURES,), (Right.ACKNOWLEDGE,)
ASKERS, ANSWERERS = (Right.INQUIRE,), (Right.ANSWER_INQUIRIES,)
INQUIRY_LIST = (p.BEFORE, p.limit_parameter(inquiries.MOST_INQUIRIES, inquiries.MOST_INQUIRIES))

# What is said is checked whole by its rules, which name every fault.
MESSAGE, REQUEST, ANSWER = (Body(model, as_it_is) for model in (MessageDocument, RequestDocument, AnswerDocument))
CONCLUSION, POSITION = Body(ConclusionDocument, as_it_is), Body(PositionDocument, as_it_is)
INVITATION = Body(InvitationDocument, as_it_is, needed=False)
ASSESSMENT = Body(AssessmentDocument, as_it_is)
MEASURE, STATUS = Body(MeasureDocument, as_it_is), Body(MeasureStatusDocument, as_it_is)
INQUIRY, INQUIRY_ANSWER = Body(InquiryDocument, as_it_is), Body(InquiryAnswerDocument, as_it_is)

# fmt: off
CONSULTATION = (
    Route("GET", "/cases/{reference}/consultation", consultation.show_consultation, READERS, None,
          a.ConsultationAnswer, "Lanes, entries, requests, conclusions"),
    Route("POST", "/cases/{reference}/consultation", consultation.open_consultation, SPEAKERS, None, a.OpenedAnswer,
          "Since when it is open"),
    Route("POST", "/cases/{reference}/messages", consultation.post_message, SPEAKERS, MESSAGE, a.EntryAnswer,
          "The message", 201),
    Route("POST", "/cases/{reference}/requests", consultation.make_request, SPEAKERS, REQUEST, a.RequestStandAnswer,
          "The request, and by when it is to be answered", 201),
    Route("POST", "/requests/{id}/answers", consultation.answer_request, SPEAKERS, ANSWER, a.RequestStandAnswer,
          "How the request stands now"),
    Route("POST", "/cases/{reference}/conclusions", consultation.propose_conclusion, SPEAKERS, CONCLUSION,
          a.ConclusionAnswer, "The conclusion", 201),
    Route("POST", "/conclusions/{id}/positions", consultation.state_position, SPEAKERS, POSITION, a.ConclusionAnswer,
          "Who stands how to it now"),
    Route("POST", "/cases/{reference}/invitations", consultation.invite_secretariat, SPEAKERS, INVITATION,
          a.InvitationAnswer, "The invitation", 201),
    Route("DELETE", "/cases/{reference}/invitations/{id}", consultation.end_invitation, SPEAKERS, None, None,
          "It has ended; what was once opened stays open", 204),
    Route("POST", "/cases/{reference}/assessments", consultation.assess, ASSESSORS, ASSESSMENT,
          a.AssessmentListAnswer, "What the States said of themselves"),
    Route("GET", "/cases/{reference}/assessments", consultation.list_assessments, READERS, None,
          a.AssessmentListAnswer, "What the States said of themselves"),
    Route("POST", "/cases/{reference}/measures", measures.report_measure, ACTORS, MEASURE, a.MeasureAnswer,
          "The measure", 201),
    Route("POST", "/cases/{reference}/measures/{id}/status", measures.change_measure, ACTORS, STATUS, a.MeasureAnswer,
          "The measure now"),
    Route("GET", "/cases/{reference}/measures", measures.list_measures, READERS, None, a.MeasureListAnswer,
          "In the order in which they were reported"),
    Route("GET", "/cases/{reference}/measures/timeline", measures.compare_measures, READERS, None,
          a.MeasureTimelineAnswer, "Each status in order of time, and the States compared"),
    Route("POST", "/inquiries", inquiries.make_inquiry, ASKERS, INQUIRY, a.InquiryStandAnswer, "The inquiry", 201),
    Route("GET", "/inquiries", inquiries.list_inquiries, ASKERS, None, a.InquiryListAnswer, "Newest first", 200,
          INQUIRY_LIST),
    Route("GET", "/inquiries/{inquiry}", inquiries.show_inquiry, ASKERS, None, a.InquiryStandAnswer, "The inquiry"),
    Route("POST", "/inquiries/{inquiry}/answers", inquiries.answer_inquiry, ANSWERERS, INQUIRY_ANSWER,
          a.InquiryStandAnswer, "The inquiry now"),
    Route("POST", "/inquiries/{inquiry}/withdrawal", inquiries.withdraw_inquiry, ASKERS, None, a.InquiryStandAnswer,
          "The inquiry now"),
    Route("POST", "/attachments", attachments.store_file, (Right.ATTACH,), FileBody(), a.AttachmentAnswer,
          "What is known of the file", 201, (FILENAME, STATED_SHA256)),
    Route("GET", "/attachments/{sha256}", attachments.read_file, READERS, None, "application/octet-stream",
          "The bytes, under the media type that the file has"),
)
# fmt: on
