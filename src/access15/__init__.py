"""access15"""
